/* Shared libraries that are not, or not quite, HPy extensions. Compiled several
 * times: NAME is the module's name, and one of the flags says what is wrong. */
#include <stdint.h>
#include <stddef.h>

#define PASTE(a, b) a##b
#define SYMBOL(prefix, name) PASTE(prefix, name)
#define EXPORT __attribute__((visibility("default")))

#ifndef MAJOR
#define MAJOR 0
#endif
#ifndef MINOR
#define MINOR 0
#endif

#ifdef NOTHING
EXPORT int an_ordinary_library(void) { return 42; }
#else
EXPORT uint32_t SYMBOL(get_required_hpy_major_version_, NAME)(void) { return MAJOR; }
EXPORT uint32_t SYMBOL(get_required_hpy_minor_version_, NAME)(void) { return MINOR; }
#ifndef NO_CONTEXT
EXPORT void SYMBOL(HPyInitGlobalContext_, NAME)(void *ctx) { (void)ctx; }
#ifndef NO_INIT
EXPORT void *SYMBOL(HPyInit_, NAME)(void) { return NULL; }
#endif
#endif
#endif
