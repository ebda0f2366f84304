# SPDX-License-Identifier: BSD-3-Clause
#
# guest.sh: a machine with AVX-512 in Bochs, for programs of this build; sourced after lib.sh.
#
#   guest_new ROOT                      an initramfs folder with a shell and tests/guest/init
#   guest_add ROOT PROGRAM [NAME]       a program, as /bin/NAME, and the shared libraries that it needs
#   guest_boot ROOT WORDS SECONDS TEXT  packs ROOT, boots it with WORDS on the kernel line, leaves its serial text
#
# What the guest does is in ROOT/run; see tests/guest/init. Nothing is installed: Debian's kernel is unpacked from its
# package. About 50 million instructions a second; half a minute to a minute until /init runs.
# shellcheck shell=bash
guest=$PWD/build-guest

# Bochs reports a compacted XSAVE area whose size Linux finds wrong, and Linux then enables no AVX state at all: the CPU
# reports AVX-512 and every AVX instruction faults. Without the compacted format it enables them.
# shellcheck disable=SC2034 # for those who source this
guest_enable="noxsaves clearcpuid=xsavec,xsaves,pku nopku"
guest_words="console=ttyS0,115200 loglevel=4 panic=-1 mitigations=off lpj=1000000 audit=0 nosmp noapic noapictimer acpi=off 8250.nr_uarts=1"

guest_package() {
    apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: *\(linux-image-.*\)/\1/p'
}

guest_kernel() {
    local package
    [ -f "$guest/vmlinuz" ] && return
    mkdir -p "$guest/package"
    package=$(guest_package)
    [ -n "$package" ] || { apt-get -qq update && package=$(guest_package); } || true
    (cd "$guest/package" && apt-get -qq download "$package" >/dev/null 2>&1 && dpkg -x linux-image-*.deb .) ||
        fail 2 "cannot have the guest's kernel from the package linux-image-cloud-amd64"
    cp "$guest"/package/boot/vmlinuz-* "$guest/vmlinuz"
    rm -rf "$guest/package"
}

guest_new() {
    rm -rf "$1"
    mkdir -p "$1/bin" "$1/lib" "$1/lib64"
    cp /bin/busybox "$1/bin/busybox"
    install -m 755 tests/guest/init "$1/init"
    "${CC:-cc}" -O2 -static -o "$1/bin/turn_off" tests/guest/turn_off.c
}

guest_add() {
    local library
    cp "$2" "$1/bin/${3:-${2##*/}}"
    ldd "$2" | grep -oE '/[^ ]+' | while read -r library; do
        case $library in
        */ld-linux*) cp -Lu "$library" "$1/lib64/" ;;
        *) cp -Lu "$library" "$1/lib/" ;;
        esac
    done
}

guest_boot() {
    local root=$1 words=$2 seconds=$3 text=$4 machine=$guest/machine
    rm -rf "$machine"
    mkdir -p "$machine/disc/boot/grub"
    cp "$guest/vmlinuz" "$machine/disc/boot/vmlinuz"
    (cd "$root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$machine/disc/boot/initramfs"
    printf 'set timeout=0\nmenuentry guest {\nlinux /boot/vmlinuz %s\ninitrd /boot/initramfs\n}\n' \
        "$guest_words $words" >"$machine/disc/boot/grub/grub.cfg"
    grub-mkrescue -o "$machine/disc.iso" "$machine/disc" >"$machine/grub.txt" 2>&1 ||
        fail 1 "grub-mkrescue: $(tail -n 1 "$machine/grub.txt")"
    cat >"$machine/bochsrc" <<EOF
cpu: model=corei7_skylake_x, count=1, ips=200000000, reset_on_triple_fault=0
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial.txt
display_library: rfb, options="timeout=0"
panic: action=fatal
clock: sync=none
log: bochs.txt
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
EOF
    echo c >"$machine/commands" # Debian's Bochs starts in its debugger
    # In its folder: it has no room for long names of files.
    (cd "$machine" && timeout "$seconds" bochs -q -f bochsrc -rc commands </dev/null >output.txt 2>&1) || true
    [ -f "$machine/serial.txt" ] || fail 1 "nothing came over the serial line in $seconds s; see $machine/output.txt"
    tr -d '\r' <"$machine/serial.txt" >"$text"
}
