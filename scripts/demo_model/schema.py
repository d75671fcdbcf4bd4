# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
"""Numbers of the TFLite schema, version 3, that the demo model's writer and reader need.

Source: tensorflow/lite/schema/schema.fbs. A table's fields are numbered in the order of their declaration.
"""
IDENTIFIER = b"TFL3"
VERSION = 3

MODEL = {"version": 0, "operator_codes": 1, "subgraphs": 2, "description": 3, "buffers": 4}
OPERATOR_CODE = {"deprecated_builtin_code": 0, "version": 2, "builtin_code": 3}
SUBGRAPH = {"tensors": 0, "inputs": 1, "outputs": 2, "operators": 3, "name": 4}
TENSOR = {"shape": 0, "type": 1, "buffer": 2, "name": 3, "quantization": 4}
QUANTIZATION = {"scale": 2, "zero_point": 3, "quantized_dimension": 6}
OPERATOR = {"opcode_index": 0, "inputs": 1, "outputs": 2, "builtin_options_type": 3, "builtin_options": 4}
BUFFER = {"data": 0}

CONV_2D_OPTIONS = {"padding": 0, "stride_w": 1, "stride_h": 2, "fused_activation_function": 3,
                   "dilation_w_factor": 4, "dilation_h_factor": 5}
POOL_2D_OPTIONS = {"padding": 0, "stride_w": 1, "stride_h": 2, "filter_width": 3, "filter_height": 4,
                   "fused_activation_function": 5}
FULLY_CONNECTED_OPTIONS = {"fused_activation_function": 0}
SOFTMAX_OPTIONS = {"beta": 0}
RESHAPE_OPTIONS = {"new_shape": 0}

# BuiltinOperator, BuiltinOptions and the options' table, by operator.
AVERAGE_POOL_2D, CONV_2D, FULLY_CONNECTED, MAX_POOL_2D, RESHAPE, SOFTMAX = 1, 3, 9, 17, 22, 25
OPTIONS = {
    AVERAGE_POOL_2D: (5, POOL_2D_OPTIONS),
    CONV_2D: (1, CONV_2D_OPTIONS),
    FULLY_CONNECTED: (8, FULLY_CONNECTED_OPTIONS),
    MAX_POOL_2D: (5, POOL_2D_OPTIONS),
    RESHAPE: (17, RESHAPE_OPTIONS),
    SOFTMAX: (9, SOFTMAX_OPTIONS),
}

TYPE_INT32, TYPE_INT8 = 2, 9
PADDING_SAME, PADDING_VALID = 0, 1
ACTIVATION_NONE, ACTIVATION_RELU, ACTIVATION_RELU_N1_TO_1, ACTIVATION_RELU6 = 0, 1, 2, 3
