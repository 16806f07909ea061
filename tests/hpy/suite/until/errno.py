"""Until the library has `errno`."""

EPERM, ENOENT, EINTR, ENOTDIR, EISDIR, EINVAL = 1, 2, 4, 20, 21, 22
EBADF, EACCES, EEXIST = 9, 13, 17
