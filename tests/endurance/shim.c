/* Keeps a journal of what happens to the files of a folder, in order: what is written and what is brought to the disk.
 * From it the disk after a power cut is built (disk.py). To be preloaded; ENDURANCE_DISK names the folder, ENDURANCE_JOURNAL
 * the file of the journal. A way of writing that the journal does not know is entered as UNKNOWN: no test may go on.
 *
 * One thing happens at a time, and bringing something to the disk takes as long as on an old one, so that an answer
 * that goes out too early is seen. Shared memory (-shm) is no content: whoever opens a database first makes it anew.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_TAKES_US = 2000, HANDLES = 65536 };
enum kind { CREATED = 1, OPENED, WRITTEN, CUT_OFF, SYNCED, FOLDER_SYNCED, REMOVED, RENAMED, UNKNOWN };

struct record {
    uint64_t at_ns, file, offset;
    uint32_t kind, length;
};

_Static_assert(sizeof(off_t) == 8, "offsets of 64 bits");

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static uint64_t file_of[HANDLES]; /* inode, FOLDER, or 0 for what is not ours */
static const uint64_t FOLDER = UINT64_MAX;
static pid_t owner;
static int journal = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static void begin(void) { pthread_mutex_lock(&one_at_a_time); }

static void end(void) { pthread_mutex_unlock(&one_at_a_time); }

static uint64_t ours(int handle) { return handle >= 0 && handle < HANDLES ? file_of[handle] : 0; }

static void note(enum kind kind, uint64_t file, uint64_t offset, const void *data, size_t length) {
    struct timespec now;
    if (journal < 0) {
        journal = syscall(SYS_openat, AT_FDCWD, getenv("ENDURANCE_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        owner = getpid();
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct record record = {now.tv_sec * 1000000000ull + now.tv_nsec, file, offset, kind, length};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)data, length}};
    if (syscall(SYS_writev, journal, parts, 2) != (ssize_t)(sizeof record + length)) abort();
}

/* The name of a file of the folder, "" for the folder itself, NULL for what is elsewhere, deeper, or shared memory. */
static const char *name_in_folder(const char *path) {
    const char *folder = getenv("ENDURANCE_DISK");
    size_t length = folder ? strlen(folder) : 0;
    if (!length || strncmp(path, folder, length) != 0) return NULL;
    if (path[length] == '\0') return path + length;
    if (path[length] != '/' || strchr(path + length + 1, '/')) return NULL;
    size_t whole = strlen(path);
    return whole > 4 && strcmp(path + whole - 4, "-shm") == 0 ? NULL : path + length + 1;
}

static int opened(const char *path, int flags, mode_t mode) {
    const char *name = name_in_folder(path);
    if (!name) {
        int handle = REAL(open)(path, flags, mode);
        if (handle >= 0 && handle < HANDLES) file_of[handle] = 0;
        return handle;
    }
    begin();
    int is_new = access(path, F_OK) != 0;
    int handle = REAL(open)(path, flags, mode);
    struct stat found;
    if (handle >= 0 && handle < HANDLES && fstat(handle, &found) == 0) {
        file_of[handle] = *name ? found.st_ino : FOLDER;
        if (*name) note(is_new ? CREATED : OPENED, found.st_ino, 0, name, strlen(name));
        if (*name && !is_new && (flags & O_TRUNC)) note(CUT_OFF, found.st_ino, 0, NULL, 0);
    } else if (handle >= 0) {
        note(UNKNOWN, 0, 0, NULL, 0);
    }
    end();
    return handle;
}

#define MAY_MAKE(flags) ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE)
#define OPEN(name)                                               \
    int name(const char *path, int flags, ...) {                 \
        va_list rest;                                            \
        va_start(rest, flags);                                   \
        mode_t mode = MAY_MAKE(flags) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                            \
        return opened(path, flags, mode);                        \
    }
OPEN(open)
OPEN(open64)

int close(int handle) {
    if (ours(handle) && getpid() == owner) file_of[handle] = 0; /* a child may share our memory, but not our handles */
    return REAL(close)(handle);
}

static ssize_t written(int handle, const void *data, size_t length, off_t offset, int is_at) {
    if (!ours(handle)) return is_at ? REAL(pwrite)(handle, data, length, offset) : REAL(write)(handle, data, length);
    begin();
    off_t from = is_at ? offset : lseek(handle, 0, SEEK_CUR);
    ssize_t done = is_at ? REAL(pwrite)(handle, data, length, offset) : REAL(write)(handle, data, length);
    if (done > 0) note(WRITTEN, ours(handle), from, data, done);
    end();
    return done;
}

ssize_t write(int handle, const void *data, size_t length) { return written(handle, data, length, 0, 0); }

ssize_t pwrite(int handle, const void *data, size_t length, off_t at) { return written(handle, data, length, at, 1); }

ssize_t pwrite64(int handle, const void *data, size_t length, off_t at) { return written(handle, data, length, at, 1); }

static int cut_off(int handle, off_t length) {
    if (!ours(handle)) return REAL(ftruncate)(handle, length);
    begin();
    int failed = REAL(ftruncate)(handle, length);
    if (!failed) note(CUT_OFF, ours(handle), length, NULL, 0);
    end();
    return failed;
}

int ftruncate(int handle, off_t length) { return cut_off(handle, length); }

int ftruncate64(int handle, off_t length) { return cut_off(handle, length); }

static int synced(int handle, int (*sync)(int)) {
    if (!ours(handle)) return sync(handle);
    begin();
    int failed = sync(handle);
    usleep(SYNC_TAKES_US);
    if (!failed) note(ours(handle) == FOLDER ? FOLDER_SYNCED : SYNCED, ours(handle), 0, NULL, 0);
    end();
    return failed;
}

int fsync(int handle) { return synced(handle, REAL(fsync)); }

int fdatasync(int handle) { return synced(handle, REAL(fdatasync)); }

int unlink(const char *path) {
    const char *name = name_in_folder(path);
    if (!name) return REAL(unlink)(path);
    begin();
    int failed = REAL(unlink)(path);
    if (!failed) note(REMOVED, 0, 0, name, strlen(name));
    end();
    return failed;
}

int rename(const char *from, const char *to) {
    const char *old = name_in_folder(from), *new = name_in_folder(to);
    if (!old && !new) return REAL(rename)(from, to);
    begin();
    int failed = REAL(rename)(from, to);
    char both[512];
    size_t length = old && new ? strlen(old) + 1 + strlen(new) : sizeof both;
    if (!failed && length < sizeof both) {
        strcpy(stpcpy(both, old) + 1, new);
        note(RENAMED, 0, 0, both, length);
    } else if (!failed) {
        note(UNKNOWN, 0, 0, NULL, 0);
    }
    end();
    return failed;
}

static void not_known(int handle) {
    if (!ours(handle)) return;
    begin();
    note(UNKNOWN, ours(handle), 0, NULL, 0);
    end();
}

void *mmap(void *where, size_t length, int use, int flags, int handle, off_t offset) {
    if ((use & PROT_WRITE) && (flags & MAP_SHARED)) not_known(handle);
    return (void *)syscall(SYS_mmap, where, length, use, flags, handle, offset);
}

void *mmap64(void *where, size_t length, int use, int flags, int handle, off_t offset) {
    return mmap(where, length, use, flags, handle, offset);
}

ssize_t writev(int handle, const struct iovec *parts, int count) {
    not_known(handle);
    return REAL(writev)(handle, parts, count);
}

ssize_t pwritev(int handle, const struct iovec *parts, int count, off_t offset) {
    not_known(handle);
    return REAL(pwritev)(handle, parts, count, offset);
}

int fallocate(int handle, int mode, off_t offset, off_t length) {
    not_known(handle);
    return REAL(fallocate)(handle, mode, offset, length);
}

int posix_fallocate(int handle, off_t offset, off_t length) {
    not_known(handle);
    return REAL(posix_fallocate)(handle, offset, length);
}
