#include "CMalloc.h"

#include <stdlib.h>  // defines __GLIBC__, where there is one
#ifdef __GLIBC__
#include <malloc.h>
#endif

void quetz_malloc_bound(int arenas, int bytes) {
#ifdef __GLIBC__
  mallopt(M_ARENA_MAX, arenas);
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, bytes);
#else
  (void)arenas;
  (void)bytes;
#endif
}
