/* Many handles, and what opening and closing one takes. */
#include <stdlib.h>
#include <time.h>
#include "hpy.h"

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

HPyDef_METH(time_dup_close, "time_dup_close", HPyFunc_VARARGS,
            .doc = "nanoseconds for opening and closing a handle of the object, in a loop of n")
static HPy time_dup_close_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj;
    long n;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "Ol", &obj, &n))
        return HPy_NULL;
    /* A handle of the table, not that of an argument. */
    HPy h = HPy_Dup(ctx, obj);
    double start = seconds();
    for (long i = 0; i < n; i++) {
        HPy copy = HPy_Dup(ctx, h);
        HPy_Close(ctx, copy);
    }
    double spent = seconds() - start;
    HPy_Close(ctx, h);
    return HPyFloat_FromDouble(ctx, spent / n * 1e9);
}

static HPy *held = NULL;
static long count = 0;

HPyDef_METH(hold, "hold", HPyFunc_VARARGS, .doc = "hold(objects, n): n open handles, of the objects in turn")
static HPy hold_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy objects;
    long n;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "Ol", &objects, &n))
        return HPy_NULL;
    HPy_ssize_t length = HPy_Length(ctx, objects);
    if (length <= 0)
        return HPy_NULL;
    HPy *more = (HPy *)realloc(held, sizeof(HPy) * (count + n));
    if (more == NULL)
        return HPyErr_NoMemory(ctx);
    held = more;
    for (long i = 0; i < n; i++) {
        HPy item = HPy_GetItem_i(ctx, objects, i % length);
        if (HPy_IsNull(item))
            return HPy_NULL;
        held[count++] = item;
    }
    return HPyLong_FromLong(ctx, count);
}

HPyDef_METH(held_at, "held_at", HPyFunc_O, .doc = "what the handle of that number names")
static HPy held_at_impl(HPyContext *ctx, HPy self, HPy arg)
{
    long i = HPyLong_AsLong(ctx, arg);
    if (i < 0 || i >= count) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "no such handle");
        return HPy_NULL;
    }
    return HPy_Dup(ctx, held[i]);
}

HPyDef_METH(release, "release", HPyFunc_NOARGS, .doc = "close them all; how many")
static HPy release_impl(HPyContext *ctx, HPy self)
{
    long n = count;
    while (count > 0)
        HPy_Close(ctx, held[--count]);
    free(held);
    held = NULL;
    return HPyLong_FromLong(ctx, n);
}

/* A type whose instances are too large for small-block allocators. */
typedef struct {
    char bytes[1000];
} Large;
HPyType_HELPERS(Large)

static long destroyed = 0;

HPyDef_SLOT(Large_destroy, HPy_tp_destroy)
static void Large_destroy_impl(void *self)
{
    destroyed++;
}

HPyDef_SLOT(Large_new, HPy_tp_new)
static HPy Large_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    Large *large;
    HPy h = HPy_New(ctx, cls, &large);
    if (!HPy_IsNull(h))
        large->bytes[999] = 1;
    return h;
}

static HPyDef *Large_defines[] = {&Large_new, &Large_destroy, NULL};
static HPyType_Spec Large_spec = {
    .name = "handles.Large",
    .basicsize = sizeof(Large),
    .builtin_shape = SHAPE(Large),
    .defines = Large_defines,
};

HPyDef_METH(get_destroyed, "get_destroyed", HPyFunc_NOARGS)
static HPy get_destroyed_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromLong(ctx, destroyed);
}

HPyDef_SLOT(exec, HPy_mod_exec)
static int exec_impl(HPyContext *ctx, HPy mod)
{
    return HPyHelpers_AddType(ctx, mod, "Large", &Large_spec, NULL) ? 0 : -1;
}

static HPyDef *defines[] = {
    &exec, &time_dup_close, &hold, &held_at, &release, &get_destroyed, NULL
};
static HPyModuleDef moduledef = {.doc = "Many handles", .defines = defines};
HPy_MODINIT(handles, moduledef)
