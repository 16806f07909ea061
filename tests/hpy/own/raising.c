/* An extension whose exec slot raises. */
#include "hpy.h"

HPyDef_SLOT(module_exec, HPy_mod_exec)
static int module_exec_impl(HPyContext *ctx, HPy module)
{
    HPy_SetAttr_s(ctx, module, "reached", ctx->h_True);
    HPyErr_SetString(ctx, ctx->h_ImportError, "this module never loads");
    return -1;
}

static HPyDef *defines[] = {&module_exec, NULL};

static HPyModuleDef moduledef = {.doc = "Raises.", .size = 0, .defines = defines};

HPy_MODINIT(raising, moduledef)
