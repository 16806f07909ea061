/* An extension whose HPyInit function raises. */
#include "hpy.h"

static HPyContext *context;

HPy_EXPORTED_SYMBOL uint32_t get_required_hpy_major_version_raises(void) { return 0; }
HPy_EXPORTED_SYMBOL uint32_t get_required_hpy_minor_version_raises(void) { return 0; }
HPy_EXPORTED_SYMBOL void HPyInitGlobalContext_raises(HPyContext *ctx) { context = ctx; }
HPy_EXPORTED_SYMBOL HPyModuleDef *HPyInit_raises(void)
{
    HPyErr_SetString(context, context->h_ValueError, "raised by HPyInit");
    return NULL;
}
