// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: The utvm authors
#include <stdio.h>

#include "tests/kernels/device/runner.h"

void runner_say(const char *text)
{
    (void)fputs(text, stdout);
}

int main(void)
{
    return runner_run() ? 0 : 1;
}
