#!/bin/bash
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: The utvm authors
#
# The real OpenOCD and GDB against the emulated board, over every link:
#   openocd_acceptance.sh BOARD-PROGRAM [KIND]...
# Kinds: dapdirect hla discovery jtag-unix jtag-tcp gdb faults life. Without one all are run.
# Exit 0 all passed, 1 something failed, 77 a tool is missing (ctest takes that as skipped).
set -u

board_program=$(readlink -f "$1")
shift
kinds=${*:-dapdirect hla discovery jtag-unix jtag-tcp gdb faults life}
here=$(cd "$(dirname "$0")" && pwd)

for tool in openocd gdb-multiarch arm-none-eabi-gcc arm-none-eabi-nm arm-none-eabi-objcopy; do
    if ! command -v "$tool" >/dev/null; then
        echo "skipped: $tool is not installed"
        exit 77
    fi
done

dir=$(mktemp -d /tmp/utvm-acceptance-XXXXXX)
children=()
failures=0

clean_up() {
    local child
    for child in "${children[@]:-}"; do
        [ -n "$child" ] && kill "$child" 2>/dev/null
    done
    wait 2>/dev/null
    rm -rf "$dir"
}
trap clean_up EXIT

report() { # report WHAT OUTCOME
    if [ "$2" = 0 ]; then
        echo "ok - $1"
    else
        echo "NOT OK - $1"
        failures=$((failures + 1))
    fi
}

# start_board OPTION...: sets board (process), port (ST-LINK) and bitbang (path or port).
start_board() {
    rm -f "$dir/ready"
    mkfifo "$dir/ready"
    "$board_program" --ready-fd 9 "$@" 9>"$dir/ready" >"$dir/board.log" 2>&1 &
    board=$!
    children+=("$board")
    local announced
    # The board closes its end when it has said everything, so this cannot come too early.
    announced=$(timeout 10 cat "$dir/ready")
    port=$(sed -n 's/^utvm-board: st-link on 127\.0\.0\.1://p' <<<"$announced")
    bitbang=$(sed -n 's/^utvm-board: bit-bang on //p' <<<"$announced")
    if [ -z "$port$bitbang" ]; then
        echo "the board did not start: $(cat "$dir/board.log")"
        failures=$((failures + 1))
        return 1
    fi
}

# stop_board: it should have ended with its client; says so if it has not.
stop_board() {
    local i
    for i in $(seq 50); do
        kill -0 "$board" 2>/dev/null || break
        sleep 0.1
    done
    if kill "$board" 2>/dev/null; then
        report "$1: the board ends with its client" 1
    fi
    wait "$board" 2>/dev/null
}

link_options() { # link_options KIND: OpenOCD's options for a link, into the array link
    case $1 in
    dapdirect)
        link=(-f interface/stlink-dap.cfg -c "st-link backend tcp $port"
            -c 'transport select dapdirect_swd' -f target/stm32f7x.cfg -c 'reset_config none')
        adapter=dap
        ;;
    hla)
        link=(-f interface/stlink.cfg -c "hla_stlink_backend tcp $port"
            -c 'transport select hla_swd' -f target/stm32f7x.cfg)
        adapter=hla
        ;;
    discovery)
        link=(-f board/stm32f7discovery.cfg -c "hla_stlink_backend tcp $port")
        adapter=hla
        ;;
    jtag-unix)
        link=(-c "adapter driver remote_bitbang; remote_bitbang host $bitbang"
            -c 'transport select jtag' -f target/stm32f7x.cfg -c 'reset_config none')
        adapter=jtag
        ;;
    jtag-tcp)
        link=(-c "adapter driver remote_bitbang; remote_bitbang host 127.0.0.1"
            -c "remote_bitbang port ${bitbang##*:}"
            -c 'transport select jtag' -f target/stm32f7x.cfg -c 'reset_config none')
        adapter=jtag
        ;;
    esac
}

board_options() { # board_options KIND: the board's options for a link, into the array side
    case $1 in
    jtag-unix) side=(--bitbang "$dir/bitbang.sock") ;;
    jtag-tcp) side=(--bitbang 0) ;;
    *) side=(--stlink 0) ;;
    esac
}

# Nothing listens but what a test needs, so that tests and other servers do not meet.
quiet=(-c 'gdb_port disabled; tcl_port disabled; telnet_port disabled')

build_firmware() {
    local image address
    for image in flash ram; do
        address=0x08000000
        [ $image = ram ] && address=0x20010000
        arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -Og -g -ffreestanding -nostdlib \
            -Wl,--defsym=code=$address -T "$here/firmware.ld" "$here/firmware.c" \
            -o "$dir/$image.elf" || return 1
        arm-none-eabi-objcopy -O binary -j .text "$dir/$image.elf" "$dir/$image.bin" || return 1
    done
}

symbol() { # symbol IMAGE NAME: its address
    echo "0x$(arm-none-eabi-nm "$dir/$1.elf" | sed -n "s/ [A-Za-z] $2\$//p")"
}

run_link() { # the whole Tcl acceptance on one link
    local kind=$1 log=$dir/$1.log
    board_options "$kind"
    start_board "${side[@]}" || return
    link_options "$kind"
    rm -f "$dir/back.bin"
    timeout 300 openocd "${link[@]}" "${quiet[@]}" \
        -c "set dir $dir; set adapter $adapter" \
        -c "set ram_entry $(symbol ram reset_handler); set ram_next $(symbol ram next)" \
        -c "set ram_counter $(symbol ram counter); set flash_counter $(symbol flash counter)" \
        -c "set flash_entry $(symbol flash reset_handler)" \
        -f "$here/acceptance.tcl" >"$log" 2>&1
    local status=$?
    grep -E '^(ok|NOT OK) - ' "$log" | sed "s/ - / - $kind: /"
    failures=$((failures + $(grep -c '^NOT OK' "$log")))
    if ! grep -q '^acceptance failures: 0' "$log" || [ $status != 0 ]; then
        report "$kind: OpenOCD came to the end (exit $status)" 1
        tail -n 25 "$log"
    fi
    cmp -s "$dir/random.bin" "$dir/back.bin"
    report "$kind: 256 KiB come back as they went" $?
    if [ "$kind" = dapdirect ]; then
        # Behind the header of 53 bytes: how often each place was met, 16 bits each.
        local places
        places=$(od -An -v -tu2 -w2 -j53 "$dir/gmon.out" 2>/dev/null | grep -c '[1-9]')
        [ "$places" -ge 3 ]
        report "$kind: the profile shows several places ($places)" $?
    fi
    stop_board "$kind"
}

run_gdb() {
    start_board --stlink 0 || return
    link_options dapdirect
    openocd "${link[@]}" -c 'gdb_port 0; tcl_port disabled; telnet_port disabled' \
        >"$dir/gdb-server.log" 2>&1 &
    local server=$! i gdb_port='' log=$dir/gdb.log
    children+=("$server")
    for i in $(seq 100); do
        gdb_port=$(sed -n 's/.*port \([0-9]*\) for gdb connections.*/\1/p' "$dir/gdb-server.log")
        [ -n "$gdb_port" ] && break
        sleep 0.1
    done
    if [ -z "$gdb_port" ]; then
        report "gdb: OpenOCD listens" 1
        cat "$dir/gdb-server.log"
        return
    fi
    timeout 60 gdb-multiarch -nx -batch "$dir/flash.elf" \
        -ex 'set confirm off' -ex "target extended-remote 127.0.0.1:$gdb_port" \
        -ex 'monitor reset halt' -ex load -ex 'monitor reset halt' \
        -ex 'printf "at reset: %d\n", $pc == ((unsigned) &reset_handler & ~1)' \
        -ex 'break on_thousand' -ex continue \
        -ex 'printf "first thousand: %d\n", counter' \
        -ex 'printf "argument: %d\n", count' \
        -ex 'stepi' -ex 'stepi' -ex finish \
        -ex 'printf "thousands: %d\n", thousands' \
        -ex delete -ex 'watch wall[2]' -ex continue \
        -ex 'printf "watched: %d\n", wall[2]' -ex delete \
        -ex 'tbreak on_thousand' -ex continue \
        -ex 'printf "second thousand: %d\n", counter' \
        -ex 'compare-sections' -ex 'monitor shutdown' >"$log" 2>&1
    local line
    for line in 'at reset: 1' 'first thousand: 1000' 'argument: 1000' 'thousands: 1' \
        'watched: 1002' 'second thousand: 2000'; do
        grep -qx "$line" "$log"
        report "gdb: $line" $?
    done
    grep -q 'matched' "$log" && ! grep -q MIS-MATCHED "$log"
    report "gdb: load wrote all sections" $?
    [ $failures = 0 ] || tail -n 60 "$log"
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    stop_board gdb
}

# with_fault NAME KIND FAULT COMMANDS PATTERN: COMMANDS run in OpenOCD on a board with a fault; PATTERN
# must be in what OpenOCD says.
with_fault() {
    local name=$1 kind=$2 log=$dir/fault.log
    board_options "$kind"
    start_board "${side[@]}" --fault "$3" || return
    link_options "$kind"
    # In a shell of its own, because OpenOCD aborts when the bit-bang link breaks and a shell reports that.
    (timeout 60 openocd "${link[@]}" "${quiet[@]}" -c "$4" >"$log" 2>&1; exit $?) 2>/dev/null
    local status=$?
    if [ $status = 124 ] || ! grep -qE "$5" "$log"; then
        report "fault $3: $name" 1
        tail -n 20 "$log"
    else
        report "fault $3: $name" 0
    fi
    kill "$board" 2>/dev/null
    wait "$board" 2>/dev/null
}

run_faults() {
    # mdw says nothing inside a list of commands, so what is read is echoed.
    local word='init; halt; mww 0x20000000 0x600D600D; poll off'
    local read='echo [mdw 0x20000000]'
    local load="load_image $dir/random.bin 0x20010000 bin"
    local verify="echo [verify_image $dir/random.bin 0x20010000 bin]"
    with_fault "OpenOCD loses the probe" dapdirect stlink-drop=40000 \
        "init; halt; catch {$load}; shutdown" 'failed to (receive|send) USB CMD'
    with_fault "an answer comes late but right" dapdirect stlink-delay=8000:300 \
        "$word; $load; $read; shutdown" \
        '0x20000000: 600d600d'
    with_fault "an access fails, the next one works" dapdirect stlink-status=500:0x11 \
        "$word; set bad 0; for {set i 0} {\$i < 400} {incr i} {incr bad [catch {read_memory 0x20000000 32 1}]}; echo bad=\$bad; $read; shutdown" \
        'bad=1$'
    with_fault "OpenOCD waits out a WAIT" hla wait=200:3 "$word; $load; $verify; shutdown" \
        'verified 262144 bytes'
    with_fault "a refused transfer is an error" hla ack-fault=2000 \
        "$word; catch {$load}; $load; $verify; shutdown" 'verified 262144 bytes'
    with_fault "OpenOCD waits out a WAIT under JTAG" jtag-unix wait=300:3 \
        "$word; mww 0x20000100 0x12345678 64; echo [mdw 0x200001fc]; shutdown" \
        '0x200001fc: 12345678'
    with_fault "a wrong TDO is noticed" jtag-unix bitbang-tdo=30:4 'init; shutdown' \
        'Error|Warn|UNEXPECTED|invalid'
    with_fault "the board is cut off" jtag-unix bitbang-drop=100000 "init; halt; $load; shutdown" \
        'remote_bitbang|Terminating|Error'
    with_fault "a slow cable is waited for" jtag-tcp bitbang-delay=50000:300 \
        "$word; $read; shutdown" '0x20000000: 600d600d'
    with_fault "power fails in mid-upload, the upload fails, the next one works" dapdirect \
        brown-out=131072 "init; halt; echo first=[catch {$load}]; catch {poll}; after 100; catch {poll}; halt; $load; $verify; shutdown" \
        'verified 262144 bytes'
    with_fault "OpenOCD notices a reset" dapdirect reset-ms=1500 \
        "init; halt; sleep 2500; poll; shutdown" 'external reset detected'
    with_fault "a reset in the middle of an upload is noticed" dapdirect reset-access=20000 \
        "init; halt; echo before; catch {$load}; poll; shutdown" 'external reset detected'
    with_fault "a counted reset hits a running core" dapdirect reset-cycles=10000000 \
        "init; halt; load_image $dir/ram.bin 0x20010000 bin; reg pc $(symbol ram reset_handler); reg sp 0x20008000; reg xPSR 0x01000000; resume; sleep 1500; poll; shutdown" \
        'external reset detected'
    with_fault "a bad flash word is found" dapdirect flash-word=0x08000010 \
        "init; reset halt; catch {flash write_image erase $dir/flash.bin 0x08000000}; echo verify=[catch {verify_image $dir/flash.bin 0x08000000}]; shutdown" \
        'verify=-?[1-9]'
}

# A reply that is too short leaves OpenOCD in a read that no signal but KILL ends; the board goes on.
run_short_reply() {
    start_board --stlink 0 --fault stlink-short=30:1 || return
    link_options dapdirect
    (timeout -s KILL 3 openocd "${link[@]}" "${quiet[@]}" -c 'init; shutdown' >"$dir/fault.log" 2>&1; exit $?) 2>/dev/null
    [ $? = 137 ]
    report "fault stlink-short=30:1: OpenOCD waits for the rest in vain" $?
    stop_board "short reply"
}

# cpu_ticks PROCESS: processor time it has used.
cpu_ticks() {
    awk '{print $14 + $15}' "/proc/$1/stat"
}

run_life() {
    local before after keeper first first_port image
    "$board_program" --nonsense 2>/dev/null
    [ $? = 2 ]
    report "life: wrong usage exits with 2" $?
    "$board_program" --help | grep -q 'st-link backend tcp'
    report "life: --help shows OpenOCD's command line" $?
    head -c 1048577 /dev/zero >"$dir/large.bin"
    for image in large.bin missing.bin; do
        "$board_program" --stlink 0 --flash "$dir/$image" >/dev/null 2>"$dir/board.log"
        [ $? = 1 ] && grep -q "$image" "$dir/board.log"
        report "life: an image that cannot be programmed is refused ($(cut -c1-60 "$dir/board.log"))" $?
    done

    start_board --stlink 0 --flash "$dir/flash.bin" || return
    link_options dapdirect
    timeout 60 openocd "${link[@]}" "${quiet[@]}" \
        -c "init; sleep 50; echo [verify_image $dir/flash.bin 0x08000000]; set n [read_memory $(symbol flash counter) 32 1]; echo ran=[expr {\$n > 0}]; shutdown" \
        >"$dir/flash.log" 2>&1
    grep -q '^verified' "$dir/flash.log" && grep -q '^ran=1' "$dir/flash.log"
    report "life: --flash programs an image, which runs" $?
    stop_board "life, --flash"

    start_board --stlink 0 || return
    first=$board
    first_port=$port
    "$board_program" --stlink "$first_port" >/dev/null 2>"$dir/board.log"
    [ $? = 1 ] && grep -q 'choose another' "$dir/board.log"
    report "life: a taken port is said to be taken" $?
    start_board --stlink 0 || return
    local twins=() value
    for value in 11111111 22222222; do
        [ $value = 11111111 ] || first_port=$port
        port=$first_port link_options dapdirect
        timeout 60 openocd "${link[@]}" "${quiet[@]}" \
            -c "init; halt; mww 0x20000000 0x$value; sleep 500; echo [mdw 0x20000000]; shutdown" \
            >"$dir/twin-$value.log" 2>&1 &
        twins+=($!)
    done
    wait "${twins[@]}"
    grep -q '0x20000000: 11111111' "$dir/twin-11111111.log" &&
        grep -q '0x20000000: 22222222' "$dir/twin-22222222.log"
    report "life: two boards side by side share nothing" $?
    kill "$first" "$board" 2>/dev/null
    wait "$first" "$board" 2>/dev/null

    start_board --stlink 0 --bitbang "$dir/life.sock" || return
    before=$(cpu_ticks "$board")
    sleep 1
    after=$(cpu_ticks "$board")
    [ $((after - before)) -le 2 ]
    report "life: a board with an empty flash uses no processor time ($((after - before)) ticks)" $?
    kill -TERM "$board"
    wait "$board"
    report "life: SIGTERM ends it cleanly" $?
    [ ! -e "$dir/life.sock" ]
    report "life: its socket file is gone" $?

    mkfifo "$dir/parent"
    sleep 60 >"$dir/parent" &
    keeper=$!
    children+=("$keeper")
    start_board --stlink 0 --parent-fd 8 8<"$dir/parent" || return
    kill "$keeper"
    wait "$keeper" 2>/dev/null
    sleep 0.5
    ! kill -0 "$board" 2>/dev/null
    report "life: it ends with its parent" $?
    kill "$board" 2>/dev/null
    wait "$board" 2>/dev/null

    bash -c "'$board_program' --stlink 0 --die-with-parent >/dev/null & echo \$! >'$dir/orphan'; sleep 0.5"
    sleep 0.5
    # An orphan that has ended may stay on as a zombie where nobody waits for it.
    ! grep -q '^State:[[:space:]]*[^Z[:space:]]' "/proc/$(cat "$dir/orphan")/status" 2>/dev/null
    report "life: --die-with-parent leaves nothing behind" $?

    start_board --stlink 0 --stay || return
    link_options dapdirect
    local i
    for i in 1 2 3; do
        timeout 60 openocd "${link[@]}" "${quiet[@]}" -c 'init; halt; shutdown' >"$dir/stay.log" 2>&1
        report "life: --stay serves client $i" $?
    done
    kill "$board"
    wait "$board"
}

head -c 262144 /dev/urandom >"$dir/random.bin"
if ! build_firmware; then
    echo "NOT OK - the test firmware does not build"
    exit 1
fi
for kind in $kinds; do
    case $kind in
    gdb) run_gdb ;;
    faults)
        run_faults
        run_short_reply
        ;;
    life) run_life ;;
    *) run_link "$kind" ;;
    esac
done
echo "failures: $failures"
[ $failures = 0 ]
