// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/model.h"
#include "tests/core/fixture.h"

static struct toy_elf elf;

static struct utvm_error *parse(struct utvm_model **ret)
{
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    struct utvm_error *error = utvm_model_parse("x.elf", bytes, size, ret);
    free(bytes);
    return error;
}

static struct utvm_model *load(void)
{
    struct utvm_model *model = NULL;
    fixture_ok(parse(&model));
    return model;
}

static void refuses(const char *text)
{
    struct utvm_model *model = NULL;
    fixture_fails(parse(&model), UTVM_ERROR_FORMAT, text);
    cr_assert_null(model);
}

static void start(void)
{
    toy_elf_init(&elf);
}

TestSuite(model, .init = start);

Test(model, reads_layers_tensors_and_addresses)
{
    struct utvm_model *m = load();
    cr_expect_str_eq(m->name, "toy");
    cr_expect_eq(m->num_layers, TOY_LAYERS);
    cr_expect_str_eq(m->layers[0].name, "conv1");
    cr_expect_str_eq(m->layers[0].operator_name, "CONV_2D");
    cr_expect_eq(m->layers[0].macs, 100);
    cr_expect_eq(m->layers[0].executed_macs, 80);
    cr_expect_eq(m->layers[2].executed_by, 1);
    cr_expect_eq(m->tensors[TOY_C].addr, TOY_ARENA + 32);
    cr_expect_str_eq(m->tensors[TOY_C].region->name, "arena");
    cr_expect_eq(m->tensors[TOY_C].zero_points[0], -1);
    cr_expect_null(m->tensors[TOY_FUSED].region);
    cr_expect_eq(m->inputs[0], TOY_INPUT);
    cr_expect_eq(m->outputs[0], TOY_D);
    cr_expect_eq(m->num_labels, 2);
    cr_expect_str_eq(m->labels[1], "dog");
    cr_expect_eq(m->num_segments, 2);
    cr_expect_str_eq(m->segments[0].memory, "flash");
    cr_expect_eq(strlen(m->sha256), 64);
    utvm_model_free(m);
}

Test(model, takes_code_size_from_the_symbol_table)
{
    struct utvm_model *m = load();
    cr_expect_eq(m->layers[0].code_bytes, 0x1C);
    cr_expect_eq(m->layers[1].code_bytes, 0, "unknown is 0");
    utvm_model_free(m);
}

Test(model, finds_code_where_start_up_copies_it)
{
    // The first segment is loaded into flash and run in ITCM.
    elf.segments[0].p_vaddr = 0;
    for (uint32_t i = 0; i < TOY_LAYERS; i++) {
        elf.layers[i].code_addr = i == 2 ? 0 : 0x200 + 0x20 * i;
    }
    struct utvm_model *m = load();
    cr_expect_eq(m->segments[0].addr, TOY_FLASH);
    cr_expect_eq(m->segments[0].run_addr, 0);
    utvm_model_free(m);
}

Test(model, tells_layers_whose_outputs_nobody_reads)
{
    struct utvm_model *m = load();
    for (uint32_t i = 0; i < TOY_LAYERS; i++) {
        cr_expect_not(utvm_layer_is_unread(m, &m->layers[i]), "layer %u", i);
    }
    utvm_model_free(m);
    elf.tensors[TOY_A].last_layer = 0;
    elf.tensors[TOY_C].last_layer = 3; // but its layer keeps state
    m = load();
    for (uint32_t i = 0; i < TOY_LAYERS; i++) {
        cr_expect_eq(utvm_layer_is_unread(m, &m->layers[i]), i == 0, "layer %u", i);
    }
    utvm_model_free(m);
}

Test(model, escapes_control_characters_in_names)
{
    elf.layers[0].name = toy_elf_string(&elf, "evil\033[2J\xff");
    struct utvm_model *m = load();
    cr_expect_str_eq(m->layers[0].name, "evil\\x1b[2J\\xff");
    utvm_model_free(m);
}

Test(model, refuses_a_foreign_machine)
{
    elf.header.e_machine = EM_X86_64;
    refuses("for machine 62, not for ARM");
}

Test(model, refuses_a_64_bit_file)
{
    elf.header.e_ident[EI_CLASS] = ELFCLASS64;
    refuses("x.elf: ");
}

Test(model, refuses_big_endian)
{
    elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
    refuses("x.elf: ");
}

Test(model, refuses_an_object_file)
{
    elf.header.e_type = ET_REL;
    refuses("not an executable");
}

Test(model, refuses_an_executable_without_a_description)
{
    elf.description_section = ".other";
    refuses("not a model: it has no section .utvm.model");
}

Test(model, refuses_bytes_that_are_no_elf)
{
    struct utvm_model *m = NULL;
    fixture_fails(utvm_model_parse("x", "hello", 5, &m), UTVM_ERROR_FORMAT, "not an ELF file");
    fixture_fails(utvm_model_parse("x", "", 0, &m), UTVM_ERROR_FORMAT, "not an ELF file");
}

Test(model, refuses_a_file_that_does_not_exist)
{
    struct utvm_model *m = NULL;
    fixture_fails(utvm_model_load("/no/such/file.elf", &m), UTVM_ERROR_OS, "/no/such/file.elf");
}

Test(model, refuses_segments_that_overlap)
{
    elf.segments[1].p_paddr = TOY_FLASH + TOY_FLASH_BYTES - 4;
    refuses("two segments overlap");
}

Test(model, refuses_a_segment_outside_the_memories)
{
    elf.segments[1].p_paddr = elf.segments[1].p_vaddr = 0x60000000;
    refuses("in no memory of an STM32F7");
}

Test(model, refuses_a_segment_one_byte_too_large)
{
    elf.segments[1].p_paddr = elf.segments[1].p_vaddr = 0x20080000 - TOY_RAM_BYTES + 1;
    refuses("in no memory of an STM32F7");
}

Test(model, refuses_a_segment_beyond_the_file)
{
    elf.segments[0].p_filesz = elf.segments[0].p_memsz = 0x80000;
    refuses("truncated: segment 0");
}

Test(model, refuses_a_segment_larger_in_file_than_in_memory)
{
    elf.segments[0].p_memsz = 4;
    refuses("larger in the file");
}

Test(model, refuses_every_truncation)
{
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    for (size_t cut = 0; cut < size; cut += cut < 512 ? 1 : 61) {
        struct utvm_model *m = NULL;
        struct utvm_error *error = utvm_model_parse("cut", bytes, cut, &m);
        cr_assert_not_null(error, "%zu of %zu bytes were accepted", cut, size);
        utvm_error_free(error);
    }
    free(bytes);
}

Test(model, refuses_another_abi_version)
{
    elf.desc.abi_version = 99;
    refuses("ABI version 99");
}

Test(model, refuses_a_wrong_magic_number)
{
    elf.desc.magic = 1;
    refuses("not with its magic number");
}

Test(model, refuses_a_table_outside_the_description)
{
    elf.desc.tensors.offset_bytes = 0x7FFFFFF0;
    refuses("table 'tensors'");
}

Test(model, refuses_a_table_whose_size_overflows)
{
    elf.desc.layers.count = 0x40000000;
    refuses("table 'layers'");
}

Test(model, refuses_entries_of_another_size)
{
    elf.desc.layers.entry_bytes = 72;
    refuses("table 'layers' has entries of 72 bytes");
}

Test(model, refuses_a_string_outside_its_table)
{
    elf.layers[1].name = 5000;
    refuses("string 5000 is outside the string table");
}

Test(model, refuses_an_unterminated_string_table)
{
    elf.strings[elf.num_string_bytes - 1] = 'x';
    refuses("does not end in NUL");
}

Test(model, refuses_a_tensor_index_out_of_range)
{
    elf.indices[0] = TOY_TENSORS;
    refuses("index 0: tensor 8 of 8");
}

Test(model, refuses_an_output_that_is_left_out)
{
    elf.indices[elf.layers[0].first_output] = UTVM_NO_INDEX;
    refuses("layer output 0 is left out");
}

Test(model, refuses_an_index_run_out_of_range)
{
    elf.layers[0].num_inputs = 0xFFFFFFFF;
    refuses("layer 0 'conv1'");
}

Test(model, refuses_an_unknown_type)
{
    elf.tensors[TOY_A].dtype = 77;
    refuses("tensor 1 'a' is of unknown type 77");
}

Test(model, rejects_zero_dimension)
{
    elf.tensors[TOY_A].dims[1] = 0;
    refuses("dimension 1 is zero");
}

Test(model, refuses_too_many_dimensions)
{
    elf.tensors[TOY_A].rank = UTVM_MAX_DIMS + 1;
    refuses("has 7 dimensions");
}

Test(model, refuses_a_shape_that_is_not_the_size)
{
    elf.tensors[TOY_A].dims[1] = 5;
    refuses("its shape has 5 elements");
}

Test(model, refuses_a_shape_that_overflows)
{
    elf.tensors[TOY_A].rank = 6;
    for (int i = 0; i < 6; i++) {
        elf.tensors[TOY_A].dims[i] = 0xFFFFFFFF;
    }
    refuses("the shape overflows");
}

Test(model, refuses_a_tensor_one_byte_outside_its_region)
{
    elf.tensors[TOY_A].offset = TOY_ARENA_BYTES - TOY_ELEMS + 1;
    refuses("are not inside region 'arena'");
}

Test(model, refuses_a_region_outside_the_memories)
{
    elf.regions[2].size_bytes = 0x100000;
    refuses("region 2 'arena'");
}

Test(model, refuses_an_unknown_region_kind)
{
    elf.regions[2].kind = 9;
    refuses("unknown kind 9");
}

Test(model, refuses_a_constant_that_is_not_loaded)
{
    elf.tensors[TOY_A].flags = UTVM_TENSOR_CONSTANT;
    refuses("is constant, but");
}

Test(model, takes_constants_that_the_device_lacks_from_the_file)
{
    elf.tensors[TOY_W].region = TOY_HOST;
    elf.tensors[TOY_W].offset = 3;
    struct utvm_model *m = load();
    const struct utvm_tensor *w = &m->tensors[TOY_W];
    cr_assert_not_null(w->constant);
    cr_expect_eq(memcmp(w->constant, (uint8_t[]){6, 5, 4, 3}, TOY_ELEMS), 0);
    cr_expect_eq(w->addr, 0);
    cr_expect_not(utvm_tensor_in_memory(w));
    cr_expect_str_eq(w->region->memory, "file");
    cr_expect(utvm_tensor_in_memory(&m->tensors[TOY_C]));
    cr_expect_not(utvm_tensor_in_memory(&m->tensors[TOY_FUSED]));
    utvm_model_free(m);
}

Test(model, refuses_constants_beyond_their_section)
{
    elf.regions[TOY_HOST].size_bytes = TOY_HOST_BYTES + 1;
    refuses("(9 bytes at 0x00000000) is not the section .utvm.constants of 8 bytes");
    elf.regions[TOY_HOST].size_bytes = TOY_HOST_BYTES;
    elf.regions[TOY_HOST].base = 4;
    refuses("(8 bytes at 0x00000004) is not the section .utvm.constants of 8 bytes");
    elf.regions[TOY_HOST].base = 0;
    elf.constants_section = ".elsewhere";
    refuses("(8 bytes at 0x00000000) is not the section .utvm.constants of 0 bytes");
    elf.constants_section = ".utvm.constants";
    elf.tensors[TOY_W].region = TOY_HOST;
    elf.tensors[TOY_W].offset = TOY_HOST_BYTES - TOY_ELEMS + 1;
    refuses("4 bytes at offset 5 are not inside region 'constants' of 8 bytes");
}

Test(model, refuses_to_compute_in_the_file)
{
    elf.layers[1].workspace_region = TOY_HOST;
    elf.layers[1].workspace_offset = 0;
    elf.layers[1].workspace_bytes = 4;
    refuses("workspace of 4 bytes at offset 0 is not inside region 'constants'");
    toy_elf_init(&elf);
    elf.tensors[TOY_A].region = TOY_HOST;
    elf.tensors[TOY_A].offset = 0;
    refuses("tensor 1 'a' is not constant, but in region 'constants', which the device lacks");
}

Test(model, refuses_a_section_that_is_there_twice)
{
    elf.constants_section = ".utvm.model";
    refuses("there are two sections .utvm.model");
}

Test(model, refuses_an_absent_tensor_with_memory)
{
    elf.tensors[TOY_FUSED].region = 2;
    refuses("is absent, but has a region");
}

Test(model, refuses_scales_out_of_range)
{
    elf.tensors[TOY_A].first_scale = 1;
    refuses("tensor 1 'a': scales 1 to 2 of 1");
}

Test(model, refuses_a_scale_of_zero)
{
    elf.scales[0] = 0;
    refuses("scale 0 is not a positive number");
}

Test(model, refuses_scales_that_do_not_fit_the_dimension)
{
    elf.num_scales = 3;
    elf.scales[1] = elf.scales[2] = 1;
    elf.tensors[TOY_A].num_scales = 3;
    elf.tensors[TOY_A].quantized_dimension = 1;
    refuses("3 scales do not fit its shape in dimension 1");
}

Test(model, refuses_a_layer_executed_by_a_fused_one)
{
    elf.layers[3].flags = UTVM_LAYER_FUSED;
    elf.layers[3].code_addr = 0;
    elf.layers[3].executed_by = 2;
    refuses("executed by layer 2, which does not run itself");
}

Test(model, refuses_a_layer_executed_by_none)
{
    elf.layers[2].executed_by = TOY_LAYERS;
    refuses("is executed by layer 5 of 5");
}

Test(model, refuses_code_outside_the_image)
{
    elf.layers[3].code_addr = 0x08010000;
    refuses("layer 3 'sum'");
}

Test(model, refuses_an_odd_code_address)
{
    elf.layers[3].code_addr |= 1;
    refuses("layer 3 'sum'");
}

Test(model, refuses_a_workspace_outside_its_region)
{
    elf.layers[1].workspace_bytes = 17;
    refuses("workspace of 17 bytes at offset 48");
}

Test(model, refuses_a_mailbox_outside_ram)
{
    elf.desc.mailbox_addr = TOY_FLASH;
    refuses("the mailbox");
}

Test(model, refuses_records_that_run_out_of_ram)
{
    elf.desc.mailbox_addr = 0x20080000 - sizeof(struct utvm_mailbox);
    refuses("the mailbox");
}

Test(model, refuses_a_stop_address_that_is_not_code)
{
    elf.desc.stop_addr = 0x1FFF0000;
    refuses("the stop 0x1fff0000");
}

Test(model, refuses_a_stack_pointer_outside_ram)
{
    memset(elf.flash, 0, 4);
    refuses("the initial stack pointer 0x00000000");
}

Test(model, refuses_a_reset_vector_without_the_thumb_bit)
{
    elf.flash[4] = 0;
    refuses("is not Thumb code");
}

Test(model, refuses_an_input_index_out_of_range)
{
    elf.desc.first_input = 1000;
    refuses("model input: indices 1000");
}

Test(model, survives_any_flipped_byte_of_the_description)
{
    size_t size = 0;
    uint8_t *bytes = toy_elf_build(&elf, &size);
    for (size_t at = toy_elf_description_offset(); at < size; at++) {
        for (int value = 0; value < 256; value += 51) {
            uint8_t saved = bytes[at];
            bytes[at] = (uint8_t)(saved ^ value);
            struct utvm_model *m = NULL;
            struct utvm_error *error = utvm_model_parse("flipped", bytes, size, &m);
            cr_assert((error == NULL) == (m != NULL));
            utvm_error_free(error);
            utvm_model_free(m);
            bytes[at] = saved;
        }
    }
    free(bytes);
}

Test(model, finds_layers_by_name_prefix_and_index)
{
    struct utvm_model *m = load();
    uint32_t layer = 99;
    fixture_ok(utvm_model_find_layer(m, "sum", &layer));
    cr_expect_eq(layer, 3);
    fixture_ok(utvm_model_find_layer(m, "so", &layer));
    cr_expect_eq(layer, 4);
    fixture_ok(utvm_model_find_layer(m, "2", &layer));
    cr_expect_eq(layer, 2, "a number that begins no name");
    fixture_ok(utvm_model_find_layer(m, "#2", &layer));
    cr_expect_eq(layer, 2);
    fixture_fails(utvm_model_find_layer(m, "conv", &layer), UTVM_ERROR_INVALID, "'conv2' (#1)");
    fixture_fails(utvm_model_find_layer(m, "onv1", &layer), UTVM_ERROR_NOT_FOUND, "'conv1'");
    fixture_fails(utvm_model_find_layer(m, "#5", &layer), UTVM_ERROR_NOT_FOUND, "#0 to #4");
    cr_expect_eq(layer, 2, "a failed search leaves the result alone");
    utvm_model_free(m);
}

Test(model, finds_tensors_by_name_and_source_index)
{
    struct utvm_model *m = load();
    uint32_t tensor = 99;
    fixture_ok(utvm_model_find_tensor(m, "t13", &tensor));
    cr_expect_eq(tensor, TOY_C);
    fixture_ok(utvm_model_find_tensor(m, "prob", &tensor));
    cr_expect_eq(tensor, TOY_D);
    fixture_fails(utvm_model_find_tensor(m, "t99", &tensor), UTVM_ERROR_NOT_FOUND, "no tensor");
    utvm_model_free(m);
}

Test(model, counts_shared_live_bytes_once)
{
    struct utvm_model *m = load();
    // conv1: image and a. conv2: a, b (where the image was) and 16 bytes of workspace.
    cr_expect_eq(utvm_model_live_bytes(m, 0), 8);
    cr_expect_eq(utvm_model_live_bytes(m, 1), 24);
    cr_expect_eq(utvm_model_live_bytes(m, 4), 8);
    utvm_model_free(m);
    elf.tensors[TOY_INPUT].last_layer = 1; // image and b lie in place of each other in conv2
    m = load();
    cr_expect_eq(utvm_model_live_bytes(m, 1), 24);
    utvm_model_free(m);
}
