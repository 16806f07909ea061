/* An extension with handle bugs: it leaks handles, and closes others twice. */
#include "hpy.h"

HPyDef_METH(leak, "leak", HPyFunc_VARARGS, .doc = "leak(obj, n): n handles to obj that nobody closes")
static HPy leak_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj;
    long n;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "Ol", &obj, &n))
        return HPy_NULL;
    for (long i = 0; i < n; i++)
        HPy_Dup(ctx, obj);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(double_close, "double_close", HPyFunc_O, .doc = "close one handle to a new list twice")
static HPy double_close_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy list = HPyList_New(ctx, 0);
    HPyList_Append(ctx, list, arg);
    HPy_Close(ctx, list);
    HPy_Close(ctx, list);
    HPy fresh = HPyList_New(ctx, 0);
    HPyList_Append(ctx, fresh, arg);
    return fresh;
}

HPyDef_METH(close_argument, "close_argument", HPyFunc_O, .doc = "close a handle that belongs to the caller")
static HPy close_argument_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy_Close(ctx, arg);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(null_without_error, "null_without_error", HPyFunc_NOARGS)
static HPy null_without_error_impl(HPyContext *ctx, HPy self)
{
    return HPy_NULL;
}

HPyDef_METH(result_with_error, "result_with_error", HPyFunc_NOARGS)
static HPy result_with_error_impl(HPyContext *ctx, HPy self)
{
    HPyErr_SetString(ctx, ctx->h_ValueError, "left behind");
    return HPy_Dup(ctx, ctx->h_None);
}

static HPyDef *defines[] = {&leak, &double_close, &close_argument, &null_without_error, &result_with_error, NULL};

static HPyModuleDef moduledef = {.doc = "Careless with handles.", .size = 0, .defines = defines};

HPy_MODINIT(careless, moduledef)
