/* Stands between a process and the system: a call for a file in one folder fails, or kills.
 *
 * Loaded with LD_PRELOAD, it does nothing until faults_arm() is called. Then the n-th of the calls
 * of interest, and with `lasting` all after it, fails with `error`; with an error of 0 the process
 * is killed instead. What was to be written is written by half before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, UNLINK = 8, OPEN = 16, READ = 32, MAP = 64 };

static char folder[4096];
static unsigned wanted;
static long seen, nth;
static int error, lasting;

void faults_arm(const char *in, unsigned calls, long n, int with, int for_ever)
{
    strncpy(folder, in, sizeof folder - 1);
    wanted = calls, seen = 0, nth = n, error = with, lasting = for_ever;
}

void faults_disarm(void) { wanted = 0; }

long faults_seen(void) { return seen; }

static int struck(unsigned call, int fd, const char *path)
{
    char link[64], name[4096];
    if (!(wanted & call))
        return 0;
    if (path == NULL) {
        int before = errno;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, name, sizeof name - 1);
        errno = before;
        name[length < 0 ? 0 : length] = 0;
        path = name;
    }
    if (strncmp(path, folder, strlen(folder)))
        return 0;
    long number = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
    return nth && (lasting ? number >= nth : number == nth);
}

static int fail(void)
{
    if (!error)
        kill(getpid(), SIGKILL);
    errno = error;
    return -1;
}

#define REAL(name) (real ? real : (real = dlsym(RTLD_NEXT, name)))

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!struck(WRITE, fd, NULL))
        return REAL("pwrite64")(fd, data, size, at);
    if (size > 1)
        REAL("pwrite64")(fd, data, size / 2, at);
    return fail();
}

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    return struck(WRITE, fd, NULL) ? fail() : REAL("write")(fd, data, size);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t at)
{
    static ssize_t (*real)(int, void *, size_t, off64_t);
    return struck(READ, fd, NULL) ? fail() : REAL("pread64")(fd, data, size, at);
}

ssize_t read(int fd, void *data, size_t size)
{
    static ssize_t (*real)(int, void *, size_t);
    return struck(READ, fd, NULL) ? fail() : REAL("read")(fd, data, size);
}

int fsync(int fd)
{
    static int (*real)(int);
    return struck(SYNC, fd, NULL) ? fail() : REAL("fsync")(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    return struck(SYNC, fd, NULL) ? fail() : REAL("fdatasync")(fd);
}

int ftruncate64(int fd, off64_t size)
{
    static int (*real)(int, off64_t);
    return struck(TRUNCATE, fd, NULL) ? fail() : REAL("ftruncate64")(fd, size);
}

int unlink(const char *path)
{
    static int (*real)(const char *);
    return struck(UNLINK, -1, path) ? fail() : REAL("unlink")(path);
}

int open64(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    va_list more;
    va_start(more, flags);
    int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
    va_end(more);
    return struck(OPEN, -1, path) ? fail() : REAL("open64")(path, flags, mode);
}

void *mmap64(void *at, size_t size, int protection, int flags, int fd, off64_t offset)
{
    static void *(*real)(void *, size_t, int, int, int, off64_t);
    if (fd < 0 || !struck(MAP, fd, NULL))
        return REAL("mmap64")(at, size, protection, flags, fd, offset);
    fail();
    return MAP_FAILED;
}
