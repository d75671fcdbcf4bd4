// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include "tests/core/elf_writer.h"

#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"

#define ADD 0u
#define CONV_2D 3u
#define RELU 19u
#define SOFTMAX 25u

/** Order of the file: ELF header, program headers, then all of these, then section headers. */
enum {
    FLASH_OFFSET = sizeof(Elf32_Ehdr) + 2 * sizeof(Elf32_Phdr),
    RAM_OFFSET = FLASH_OFFSET + TOY_FLASH_BYTES,
    DESC_OFFSET = (RAM_OFFSET + TOY_RAM_BYTES + 3) / 4 * 4,
    NUM_SECTIONS = 6,
};

uint32_t toy_elf_string(struct toy_elf *elf, const char *text)
{
    uint32_t at = elf->num_string_bytes;
    size_t bytes = strlen(text) + 1;
    if (at + bytes > sizeof(elf->strings)) {
        abort();
    }
    memcpy(elf->strings + at, text, bytes);
    elf->num_string_bytes += (uint32_t)bytes;
    return at;
}

static uint32_t indices(struct toy_elf *elf, uint32_t count, const uint32_t *values)
{
    uint32_t first = elf->num_indices;
    memcpy(elf->indices + first, values, count * sizeof(*values));
    elf->num_indices += count;
    return first;
}

static void add_tensor(struct toy_elf *elf, uint32_t index, const char *name, uint32_t flags,
                       uint32_t region, uint32_t offset)
{
    elf->tensors[index] = (struct utvm_desc_tensor){
        .name = toy_elf_string(elf, name),
        .dtype = UTVM_DTYPE_INT8,
        .flags = flags,
        .rank = 2,
        .dims = {1, TOY_ELEMS},
        .region = region,
        .offset = offset,
        .size_bytes = TOY_ELEMS,
        .num_scales = 1,
        .first_layer = UTVM_NO_INDEX,
        .last_layer = UTVM_NO_INDEX,
        .source_index = 10 + index,
    };
}

static void add_layer(struct toy_elf *elf, uint32_t index, const char *name, uint32_t operator_id,
                      const uint32_t inputs[3], uint32_t output)
{
    uint32_t count = inputs[2] == UTVM_NO_INDEX - 1 ? 2 : 3;
    elf->layers[index] = (struct utvm_desc_layer){
        .name = toy_elf_string(elf, name),
        .operator_id = operator_id,
        .executed_by = index,
        .source_index = index,
        .first_input = indices(elf, count, inputs),
        .num_inputs = count,
        .first_output = indices(elf, 1, &output),
        .num_outputs = 1,
        .code_addr = TOY_CODE + 0x20 * index,
        .kernel = toy_elf_string(elf, "toy_int8"),
        .workspace_region = UTVM_NO_INDEX,
        .macs_lo = 100,
        .executed_macs_lo = 80,
    };
    elf->tensors[output].first_layer = index;
}

static void add_regions(struct toy_elf *elf)
{
    static const struct {
        const char *name;
        uint32_t kind;
        uint32_t base;
        uint32_t size_bytes;
        const char *memory;
    } regions[TOY_REGIONS] = {
        {"code", UTVM_REGION_CODE, TOY_FLASH, 0x400, "flash"},
        {"weights", UTVM_REGION_WEIGHTS, TOY_WEIGHTS, 0x100, "flash"},
        {"arena", UTVM_REGION_ARENA, TOY_ARENA, TOY_ARENA_BYTES, "dtcm"},
        {"state", UTVM_REGION_STATE, TOY_STATE_BASE, 16, "dtcm"},
        {"stack", UTVM_REGION_STACK, TOY_STACK, TOY_STACK_BYTES, "dtcm"},
        {"data", UTVM_REGION_DATA, TOY_RAM, TOY_RAM_BYTES, "dtcm"},
        {"constants", UTVM_REGION_HOST, 0, TOY_HOST_BYTES, "file"},
    };
    for (size_t i = 0; i < TOY_REGIONS; i++) {
        elf->regions[i] = (struct utvm_desc_region){
            .name = toy_elf_string(elf, regions[i].name),
            .kind = regions[i].kind,
            .base = regions[i].base,
            .size_bytes = regions[i].size_bytes,
            .memory = toy_elf_string(elf, regions[i].memory),
        };
    }
}

static void add_network(struct toy_elf *elf)
{
    enum {
        WEIGHTS = 1,
        ARENA = 2,
        STATE = 3
    };
    const uint32_t left_out = UTVM_NO_INDEX;
    const uint32_t end = UTVM_NO_INDEX - 1;
    add_tensor(elf, TOY_INPUT, "image", UTVM_TENSOR_INPUT, ARENA, 0);
    add_tensor(elf, TOY_A, "a", 0, ARENA, 16);
    add_tensor(elf, TOY_B, "b", 0, ARENA, 0);
    add_tensor(elf, TOY_C, "c", 0, ARENA, 32);
    add_tensor(elf, TOY_D, "probs", UTVM_TENSOR_OUTPUT, ARENA, 16);
    add_tensor(elf, TOY_W, "w", UTVM_TENSOR_CONSTANT, WEIGHTS, 0);
    add_tensor(elf, TOY_STATE, "memory", UTVM_TENSOR_VARIABLE, STATE, 0);
    add_tensor(elf, TOY_FUSED, "conv2/out", UTVM_TENSOR_ABSENT, UTVM_NO_INDEX, 0);
    add_layer(elf, 0, "conv1", CONV_2D, (uint32_t[]){TOY_INPUT, TOY_W, left_out}, TOY_A);
    add_layer(elf, 1, "conv2", CONV_2D, (uint32_t[]){TOY_A, TOY_W, left_out}, TOY_FUSED);
    add_layer(elf, 2, "relu", RELU, (uint32_t[]){TOY_FUSED, left_out, end}, TOY_B);
    add_layer(elf, 3, "sum", ADD, (uint32_t[]){TOY_A, TOY_B, TOY_STATE}, TOY_C);
    add_layer(elf, 4, "softmax", SOFTMAX, (uint32_t[]){TOY_C, left_out, end}, TOY_D);
    elf->layers[2].flags = UTVM_LAYER_FUSED;
    elf->layers[2].executed_by = 1;
    elf->layers[2].code_addr = 0;
    elf->layers[1].workspace_region = ARENA;
    elf->layers[1].workspace_offset = 48;
    elf->layers[1].workspace_bytes = 16;
    static const uint32_t last[TOY_TENSORS] = {0, 3, 3, 4, 4, 1, 3, 2};
    for (uint32_t i = 0; i < TOY_TENSORS; i++) {
        elf->tensors[i].last_layer = last[i];
    }
    elf->desc.first_input = indices(elf, 1, (uint32_t[]){TOY_INPUT});
    elf->desc.num_inputs = 1;
    elf->desc.first_output = indices(elf, 1, (uint32_t[]){TOY_D});
    elf->desc.num_outputs = 1;
}

static void add_code(struct toy_elf *elf)
{
    for (size_t i = 0; i < TOY_FLASH_BYTES; i++) {
        elf->flash[i] = (uint8_t)(i * 7 + 1);
    }
    for (size_t i = 0; i < TOY_RAM_BYTES; i++) {
        elf->ram[i] = (uint8_t)(i * 3 + 5);
    }
    utvm_put_le32(elf->flash, TOY_STACK + TOY_STACK_BYTES);
    utvm_put_le32(elf->flash + 4, TOY_RESET | 1);
    static const int8_t weights[TOY_ELEMS] = {1, 2, 3, 4};
    memcpy(elf->flash + (TOY_WEIGHTS - TOY_FLASH), weights, sizeof(weights));
    static const uint8_t constants[TOY_HOST_BYTES] = {9, 8, 7, 6, 5, 4, 3, 2};
    memcpy(elf->constants, constants, sizeof(constants));
}

void toy_elf_init(struct toy_elf *elf)
{
    memset(elf, 0, sizeof(*elf));
    (void)toy_elf_string(elf, "");
    elf->description_section = ".utvm.model";
    elf->constants_section = ".utvm.constants";
    elf->num_scales = 1;
    elf->scales[0] = 0.5f;
    elf->zero_points[0] = -1;
    add_regions(elf);
    add_network(elf);
    add_code(elf);
    struct utvm_desc_header *d = &elf->desc;
    d->magic = UTVM_DESCRIPTION_MAGIC;
    d->abi_version = UTVM_ABI_VERSION;
    d->mailbox_addr = TOY_MAILBOX;
    d->entry_addr = TOY_ENTRY;
    d->stop_addr = TOY_STOP;
    d->vectors_addr = TOY_FLASH;
    d->stack_base = TOY_STACK;
    d->stack_bytes = TOY_STACK_BYTES;
    d->clock_hz = 216000000;
    d->model_name = toy_elf_string(elf, "toy");
    d->source_file = toy_elf_string(elf, "toy.tflite");
    d->labels = toy_elf_string(elf, "cat\ndog");
    d->layers.entry_bytes = sizeof(struct utvm_desc_layer);
    d->layers.count = TOY_LAYERS;
    d->tensors.entry_bytes = sizeof(struct utvm_desc_tensor);
    d->tensors.count = TOY_TENSORS;
    d->regions.entry_bytes = sizeof(struct utvm_desc_region);
    d->regions.count = TOY_REGIONS;
    d->channels.entry_bytes = sizeof(struct utvm_desc_channel);
    d->strings.entry_bytes = 1;
    d->indices.entry_bytes = d->scales.entry_bytes = d->zero_points.entry_bytes = 4;
    elf->header = (Elf32_Ehdr){
        .e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_ARM,
        .e_version = EV_CURRENT,
        .e_entry = TOY_RESET | 1,
        .e_phoff = sizeof(Elf32_Ehdr),
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = NUM_SECTIONS,
        .e_shstrndx = NUM_SECTIONS - 1,
    };
    elf->segments[0] = (Elf32_Phdr){PT_LOAD,         FLASH_OFFSET,    TOY_FLASH, TOY_FLASH,
                                    TOY_FLASH_BYTES, TOY_FLASH_BYTES, PF_R,      4};
    elf->segments[1] = (Elf32_Phdr){PT_LOAD,       RAM_OFFSET,    TOY_RAM,     TOY_RAM,
                                    TOY_RAM_BYTES, TOY_RAM_BYTES, PF_R | PF_W, 4};
}

size_t toy_elf_description_offset(void)
{
    return DESC_OFFSET;
}

/** The file as it grows; the tests' files are small. */
struct output {
    uint8_t *bytes;
    size_t size;
};

static size_t append(struct output *out, const void *data, size_t size)
{
    while (out->size % 4 != 0) {
        out->bytes[out->size++] = 0;
    }
    size_t at = out->size;
    memcpy(out->bytes + at, data, size);
    out->size += size;
    return at;
}

// Puts a table behind the description unless the test has set its offset itself.
static void append_table(struct output *out, struct utvm_desc_table *table, const void *data,
                         uint32_t count, size_t entry_bytes)
{
    size_t at = append(out, data, count * entry_bytes);
    table->offset_bytes = table->offset_bytes ? table->offset_bytes : (uint32_t)(at - DESC_OFFSET);
    table->count = table->count ? table->count : count;
}

static void append_description(struct output *out, const struct toy_elf *elf)
{
    struct utvm_desc_header d = elf->desc;
    (void)append(out, &d, sizeof(d));
    append_table(out, &d.layers, elf->layers, TOY_LAYERS, sizeof(elf->layers[0]));
    append_table(out, &d.tensors, elf->tensors, TOY_TENSORS, sizeof(elf->tensors[0]));
    append_table(out, &d.regions, elf->regions, TOY_REGIONS, sizeof(elf->regions[0]));
    append_table(out, &d.indices, elf->indices, elf->num_indices, 4);
    append_table(out, &d.scales, elf->scales, elf->num_scales, 4);
    append_table(out, &d.zero_points, elf->zero_points, elf->num_scales, 4);
    append_table(out, &d.channels, elf->channels, elf->num_channels, sizeof(elf->channels[0]));
    append_table(out, &d.strings, elf->strings, elf->num_string_bytes, 1);
    d.total_bytes = d.total_bytes ? d.total_bytes : (uint32_t)(out->size - DESC_OFFSET);
    memcpy(out->bytes + DESC_OFFSET, &d, sizeof(d));
}

uint8_t *toy_elf_build(const struct toy_elf *elf, size_t *ret_size_bytes)
{
    static const char names[] = "\0.symtab\0.strtab\0.shstrtab\0";
    struct output out = {calloc(1, 65536), 0};
    if (!out.bytes) {
        abort();
    }
    (void)append(&out, &elf->header, sizeof(elf->header));
    (void)append(&out, elf->segments, sizeof(elf->segments));
    (void)append(&out, elf->flash, sizeof(elf->flash));
    (void)append(&out, elf->ram, sizeof(elf->ram));
    append_description(&out, elf);
    size_t desc_end = out.size;
    size_t constants_at = append(&out, elf->constants, sizeof(elf->constants));
    const Elf32_Sym symbols[] = {
        {0},
        {.st_value = TOY_CODE | 1, .st_size = 0x1C, .st_info = ELF32_ST_INFO(STB_GLOBAL, STT_FUNC)},
    };
    size_t symbols_at = append(&out, symbols, sizeof(symbols));
    char all_names[128];
    memcpy(all_names, names, sizeof(names));
    size_t own_name = sizeof(names) - 1;
    size_t own_bytes = strlen(elf->description_section) + 1;
    memcpy(all_names + own_name, elf->description_section, own_bytes);
    size_t constants_name = own_name + own_bytes;
    size_t constants_bytes = strlen(elf->constants_section) + 1;
    memcpy(all_names + constants_name, elf->constants_section, constants_bytes);
    size_t names_at = append(&out, all_names, constants_name + constants_bytes);
    const Elf32_Shdr sections[NUM_SECTIONS] = {
        {0},
        {.sh_name = (Elf32_Word)own_name,
         .sh_type = SHT_PROGBITS,
         .sh_offset = DESC_OFFSET,
         .sh_size = (Elf32_Word)(desc_end - DESC_OFFSET)},
        {.sh_name = (Elf32_Word)constants_name,
         .sh_type = SHT_PROGBITS,
         .sh_offset = (Elf32_Off)constants_at,
         .sh_size = TOY_HOST_BYTES},
        {.sh_name = 1,
         .sh_type = SHT_SYMTAB,
         .sh_offset = (Elf32_Off)symbols_at,
         .sh_size = sizeof(symbols),
         .sh_link = 4,
         .sh_entsize = sizeof(Elf32_Sym)},
        {.sh_name = 9, .sh_type = SHT_STRTAB, .sh_offset = (Elf32_Off)names_at, .sh_size = 1},
        {.sh_name = 17,
         .sh_type = SHT_STRTAB,
         .sh_offset = (Elf32_Off)names_at,
         .sh_size = (Elf32_Word)(constants_name + constants_bytes)},
    };
    size_t sections_at = append(&out, sections, sizeof(sections));
    Elf32_Ehdr header = elf->header;
    header.e_shoff = header.e_shoff ? header.e_shoff : (Elf32_Off)sections_at;
    memcpy(out.bytes, &header, sizeof(header));
    *ret_size_bytes = out.size - elf->cut_bytes;
    return out.bytes;
}
