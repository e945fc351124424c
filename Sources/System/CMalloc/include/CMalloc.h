#ifndef QUETZ_CMALLOC_H
#define QUETZ_CMALLOC_H

// glibc's <malloc.h> is not in Swift's Glibc module.

/// Bounds what the allocator keeps of freed memory; before the process has other threads. No effect without glibc.
void quetz_malloc_bound(int arenas, int bytes);

#endif
