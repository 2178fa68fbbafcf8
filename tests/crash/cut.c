/* cut.c - cut the power of one mounted ext4: nothing more reaches its disk.
 *
 * Usage: cut MOUNTPOINT.  The file system is opened at once; the cut falls when
 * a byte comes on standard input, so that the caller can time it. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of the kernel's fs/ext4/ext4.h; flag 2 is "do not flush the log". */
#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define NO_LOG_FLUSH 2

int main(int argc, char **argv)
{
    uint32_t flags = NO_LOG_FLUSH;
    char go;
    int folder = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1;
    if (folder < 0) {
        perror("cut");
        return 2;
    }

    if (read(STDIN_FILENO, &go, 1) != 1 || ioctl(folder, EXT4_IOC_SHUTDOWN, &flags) != 0) {
        perror("cut");
        return 1;
    }
    return 0;
}
