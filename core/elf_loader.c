// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <gelf.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/elf_image.h"
#include "core/memories.h"

// The only file that knows libelf. libelf checks what it must to find its way; that offsets and
// sizes lie in the file is checked here as well, so that nothing depends on its version.

#define MAX_SEGMENTS 64u
#define DESCRIPTION_SECTION ".utvm.model"
#define CONSTANTS_SECTION ".utvm.constants"

struct file {
    const char *name;
    const uint8_t *bytes;
    size_t size_bytes;
    Elf *elf;
};

static bool in_file(const struct file *f, uint64_t offset, uint64_t size)
{
    return offset <= f->size_bytes && size <= f->size_bytes - offset;
}

static struct utvm_error *check_header(const struct file *f)
{
    GElf_Ehdr header;
    if (elf_kind(f->elf) != ELF_K_ELF) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: not an ELF file", f->name);
    }
    if (!gelf_getehdr(f->elf, &header)) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: not an ELF file: %s", f->name,
                                 elf_errmsg(-1));
    }
    if (header.e_ident[EI_CLASS] != ELFCLASS32 || header.e_ident[EI_DATA] != ELFDATA2LSB) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: not a 32-bit little-endian ELF file (class %u, data %u)",
                                 f->name, header.e_ident[EI_CLASS], header.e_ident[EI_DATA]);
    }
    if (header.e_machine != EM_ARM) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: the ELF file is for machine %u, not for ARM (%u)", f->name,
                                 (unsigned)header.e_machine, (unsigned)EM_ARM);
    }
    if (header.e_type != ET_EXEC) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: the ELF file is of type %u, not an executable (%u)", f->name,
                                 (unsigned)header.e_type, (unsigned)ET_EXEC);
    }
    return NULL;
}

static struct utvm_error *check_segment(const struct file *f, size_t number,
                                        const GElf_Phdr *segment)
{
    if (!in_file(f, segment->p_offset, segment->p_filesz)) {
        return utvm_error_create(
            UTVM_ERROR_FORMAT, "%s: truncated: segment %zu has %llu bytes at %llu of a file of %zu",
            f->name, number, (unsigned long long)segment->p_filesz,
            (unsigned long long)segment->p_offset, f->size_bytes);
    }
    if (segment->p_filesz > segment->p_memsz) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: segment %zu is larger in the file (%llu) than in memory "
                                 "(%llu)",
                                 f->name, number, (unsigned long long)segment->p_filesz,
                                 (unsigned long long)segment->p_memsz);
    }
    uint32_t load = (uint32_t)segment->p_paddr;
    uint32_t run = (uint32_t)segment->p_vaddr;
    bool fits =
        (segment->p_filesz == 0 || utvm_memory_at(0, load, (uint32_t)segment->p_filesz) != NULL) &&
        utvm_memory_at(0, run, (uint32_t)segment->p_memsz) != NULL;
    if (!fits) {
        return utvm_error_at(UTVM_ERROR_FORMAT, load,
                             "%s: segment %zu (%llu bytes at 0x%08x, loaded at 0x%08x) is in no "
                             "memory of an STM32F7",
                             f->name, number, (unsigned long long)segment->p_memsz, (unsigned)run,
                             (unsigned)load);
    }
    return NULL;
}

static int by_address(const void *a, const void *b)
{
    const struct utvm_segment *x = a;
    const struct utvm_segment *y = b;
    return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static struct utvm_error *check_overlap(const struct file *f, const struct utvm_elf_image *image)
{
    for (uint32_t i = 1; i < image->num_segments; i++) {
        const struct utvm_segment *low = &image->segments[i - 1];
        const struct utvm_segment *high = &image->segments[i];
        if (high->addr - low->addr < low->size_bytes) {
            return utvm_error_at(UTVM_ERROR_FORMAT, high->addr,
                                 "%s: two segments overlap: %u bytes at 0x%08x and %u bytes at "
                                 "0x%08x",
                                 f->name, (unsigned)low->size_bytes, (unsigned)low->addr,
                                 (unsigned)high->size_bytes, (unsigned)high->addr);
        }
    }
    return NULL;
}

static struct utvm_error *read_segments(const struct file *f, struct utvm_elf_image *image)
{
    size_t count = 0;
    if (elf_getphdrnum(f->elf, &count) != 0 || count == 0 || count > MAX_SEGMENTS) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: %zu program headers; 1 to %u are expected",
                                 f->name, count, MAX_SEGMENTS);
    }
    image->segments = calloc(count, sizeof(*image->segments));
    if (!image->segments) {
        return utvm_error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(f->elf, (int)i, &segment)) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "%s: program header %zu: %s", f->name, i,
                                     elf_errmsg(-1));
        }
        if (segment.p_type != PT_LOAD || segment.p_memsz == 0) {
            continue;
        }
        struct utvm_error *error = check_segment(f, i, &segment);
        if (error) {
            return error;
        }
        if (segment.p_filesz == 0) {
            continue; // .bss and the like: start-up clears it
        }
        const struct utvm_memory *memory =
            utvm_memory_at(0, (uint32_t)segment.p_paddr, (uint32_t)segment.p_filesz);
        image->segments[image->num_segments++] = (struct utvm_segment){
            .addr = (uint32_t)segment.p_paddr,
            .run_addr = (uint32_t)segment.p_vaddr,
            .data = f->bytes + segment.p_offset,
            .size_bytes = (uint32_t)segment.p_filesz,
            .memory = memory ? memory->name : "?",
        };
    }
    if (image->num_segments == 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: there is nothing to load in it", f->name);
    }
    qsort(image->segments, image->num_segments, sizeof(*image->segments), by_address);
    return check_overlap(f, image);
}

static int by_function_address(const void *a, const void *b)
{
    const struct utvm_elf_function *x = a;
    const struct utvm_elf_function *y = b;
    return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static struct utvm_error *read_symbols(const struct file *f, const GElf_Shdr *section,
                                       struct utvm_elf_image *image)
{
    if (image->functions || section->sh_entsize != sizeof(Elf32_Sym)) {
        return NULL; // sizes of functions are a comfort; a model can do without
    }
    size_t count = section->sh_size / sizeof(Elf32_Sym);
    image->functions = calloc(count + 1, sizeof(*image->functions));
    if (!image->functions) {
        return utvm_error_no_memory();
    }
    for (size_t i = 0; i < count; i++) {
        Elf32_Sym symbol;
        memcpy(&symbol, f->bytes + section->sh_offset + i * sizeof(symbol), sizeof(symbol));
        if (ELF32_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_size > 0) {
            image->functions[image->num_functions++] =
                (struct utvm_elf_function){symbol.st_value & ~1u, symbol.st_size};
        }
    }
    qsort(image->functions, image->num_functions, sizeof(*image->functions), by_function_address);
    return NULL;
}

/** The sections that only the debugger reads. */
static struct utvm_error *take_section(const struct file *f, const char *name,
                                       const GElf_Shdr *section, const uint8_t **bytes,
                                       size_t *size_bytes)
{
    if (*bytes) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: there are two sections %s", f->name, name);
    }
    if (section->sh_type == SHT_NOBITS || (section->sh_flags & SHF_COMPRESSED)) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: section %s has no plain bytes", f->name,
                                 name);
    }
    *bytes = f->bytes + section->sh_offset;
    *size_bytes = section->sh_size;
    return NULL;
}

static struct utvm_error *read_section(const struct file *f, const char *name,
                                       const GElf_Shdr *section, struct utvm_elf_image *image)
{
    if (name && strcmp(name, DESCRIPTION_SECTION) == 0) {
        return take_section(f, name, section, &image->description, &image->description_bytes);
    }
    if (name && strcmp(name, CONSTANTS_SECTION) == 0) {
        return take_section(f, name, section, &image->constants, &image->constants_bytes);
    }
    return section->sh_type == SHT_SYMTAB ? read_symbols(f, section, image) : NULL;
}

static struct utvm_error *read_sections(const struct file *f, struct utvm_elf_image *image)
{
    size_t names = 0;
    if (elf_getshdrstrndx(f->elf, &names) != 0) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: no section names: %s", f->name,
                                 elf_errmsg(-1));
    }
    for (Elf_Scn *s = elf_nextscn(f->elf, NULL); s; s = elf_nextscn(f->elf, s)) {
        GElf_Shdr section;
        if (!gelf_getshdr(s, &section)) {
            return utvm_error_create(UTVM_ERROR_FORMAT, "%s: section %zu: %s", f->name,
                                     elf_ndxscn(s), elf_errmsg(-1));
        }
        const char *name = elf_strptr(f->elf, names, section.sh_name);
        bool is_wanted =
            section.sh_type == SHT_SYMTAB || (name && (strcmp(name, DESCRIPTION_SECTION) == 0 ||
                                                       strcmp(name, CONSTANTS_SECTION) == 0));
        if (!is_wanted) {
            continue;
        }
        if (section.sh_type != SHT_NOBITS && !in_file(f, section.sh_offset, section.sh_size)) {
            return utvm_error_create(
                UTVM_ERROR_FORMAT,
                "%s: truncated: section %zu has %llu bytes at %llu of a file of %zu", f->name,
                elf_ndxscn(s), (unsigned long long)section.sh_size,
                (unsigned long long)section.sh_offset, f->size_bytes);
        }
        struct utvm_error *error = read_section(f, name, &section, image);
        if (error) {
            return error;
        }
    }
    if (!image->description) {
        return utvm_error_create(UTVM_ERROR_FORMAT,
                                 "%s: an ARM executable, but not a model: it has no section "
                                 "" DESCRIPTION_SECTION "; utvm-build makes model files",
                                 f->name);
    }
    return NULL;
}

struct utvm_error *utvm_elf_image_parse(const char *name, uint8_t *bytes, size_t size_bytes,
                                        struct utvm_elf_image *ret)
{
    if (elf_version(EV_CURRENT) == EV_NONE) {
        return utvm_error_create(UTVM_ERROR_UNSUPPORTED, "libelf: %s", elf_errmsg(-1));
    }
    struct file f = {name, bytes, size_bytes, elf_memory((char *)bytes, size_bytes)};
    if (!f.elf) {
        return utvm_error_create(UTVM_ERROR_FORMAT, "%s: not an ELF file: %s", name,
                                 elf_errmsg(-1));
    }
    struct utvm_elf_image image = {0};
    struct utvm_error *error = check_header(&f);
    if (!error) {
        error = read_segments(&f, &image);
    }
    if (!error) {
        error = read_sections(&f, &image);
    }
    elf_end(f.elf);
    if (error) {
        utvm_elf_image_deinit(&image);
        return error;
    }
    *ret = image;
    return NULL;
}

void utvm_elf_image_deinit(struct utvm_elf_image *image)
{
    free(image->segments);
    free(image->functions);
    *image = (struct utvm_elf_image){0};
}

const uint8_t *utvm_segments_at(const struct utvm_segment *segments, uint32_t num_segments,
                                uint32_t addr, uint32_t size_bytes)
{
    for (uint32_t i = 0; i < num_segments; i++) {
        const struct utvm_segment *s = &segments[i];
        const uint32_t bases[] = {s->run_addr, s->addr};
        for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
            uint32_t offset = addr - bases[b];
            if (addr >= bases[b] && offset <= s->size_bytes &&
                size_bytes <= s->size_bytes - offset) {
                return s->data + offset;
            }
        }
    }
    return NULL;
}
