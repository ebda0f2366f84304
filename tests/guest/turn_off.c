/* SPDX-License-Identifier: BSD-3-Clause
 * turn_off.c: ends the emulated machine: Bochs exits when it has read this word, letter by letter, from its port. */
#include <sys/io.h>
#include <termios.h>
#include <unistd.h>

int main(void)
{
    tcdrain(STDOUT_FILENO); /* the serial line may still have text to send */
    sleep(1);
    if (iopl(3) != 0) return 1;
    for (const char *letter = "Shutdown"; *letter; letter++) outb((unsigned char)*letter, 0x8900);
    return 1;
}
