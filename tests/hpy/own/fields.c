/* Fields of an object too large for the nursery, fields read while their object dies, and many globals. */
#include "hpy.h"

#define PLACES 6000
#define GLOBALS 64

typedef struct {
    HPyField places[PLACES];
    long resurrect;
} Shelf;
HPyType_HELPERS(Shelf)

static HPyGlobal last_words;
static HPyGlobal kept[GLOBALS];

/* The number in `arg`, which must be below `end`; -1 with an exception else. */
static long index_below(HPyContext *ctx, HPy arg, long end)
{
    long i = HPyLong_AsLong(ctx, arg);
    if (i == -1 && HPyErr_Occurred(ctx))
        return -1;
    if (i < 0 || i >= end) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "no such place");
        return -1;
    }
    return i;
}

HPyDef_SLOT(Shelf_new, HPy_tp_new)
static HPy Shelf_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    Shelf *shelf;
    return HPy_New(ctx, cls, &shelf);
}

HPyDef_SLOT(Shelf_traverse, HPy_tp_traverse)
static int Shelf_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    Shelf *shelf = (Shelf *)self;
    for (long i = 0; i < PLACES; i++)
        HPy_VISIT(&shelf->places[i]);
    return 0;
}

/* What is on a dying shelf is written down; a shelf asked to is brought back to life. */
HPyDef_SLOT(Shelf_finalize, HPy_tp_finalize)
static void Shelf_finalize_impl(HPyContext *ctx, HPy self)
{
    Shelf *shelf = Shelf_AsStruct(ctx, self);
    HPy words = HPyGlobal_Load(ctx, last_words);
    for (long i = 0; i < PLACES; i++) {
        if (HPyField_IsNull(shelf->places[i]))
            continue;
        HPy content = HPyField_Load(ctx, self, shelf->places[i]);
        HPyList_Append(ctx, words, content);
        HPy_Close(ctx, content);
    }
    if (shelf->resurrect)
        HPyList_Append(ctx, words, self);
    HPy_Close(ctx, words);
}

HPyDef_METH(Shelf_put, "put", HPyFunc_VARARGS)
static HPy Shelf_put_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy place, content;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &place, &content))
        return HPy_NULL;
    long i = index_below(ctx, place, PLACES);
    if (i < 0)
        return HPy_NULL;
    HPyField_Store(ctx, self, &Shelf_AsStruct(ctx, self)->places[i], content);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(Shelf_clear, "clear", HPyFunc_O)
static HPy Shelf_clear_impl(HPyContext *ctx, HPy self, HPy place)
{
    long i = index_below(ctx, place, PLACES);
    if (i < 0)
        return HPy_NULL;
    HPyField_Store(ctx, self, &Shelf_AsStruct(ctx, self)->places[i], HPy_NULL);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(Shelf_look, "look", HPyFunc_O)
static HPy Shelf_look_impl(HPyContext *ctx, HPy self, HPy place)
{
    long i = index_below(ctx, place, PLACES);
    if (i < 0)
        return HPy_NULL;
    HPyField field = Shelf_AsStruct(ctx, self)->places[i];
    return HPyField_IsNull(field) ? HPy_Dup(ctx, ctx->h_None) : HPyField_Load(ctx, self, field);
}

HPyDef_MEMBER(Shelf_resurrect, "resurrect", HPyMember_LONG, offsetof(Shelf, resurrect))

static HPyDef *Shelf_defines[] = {
    &Shelf_new, &Shelf_traverse, &Shelf_finalize, &Shelf_put, &Shelf_clear, &Shelf_look, &Shelf_resurrect, NULL
};

static HPyType_Spec Shelf_spec = {
    .name = "fields.Shelf",
    .basicsize = sizeof(Shelf),
    .builtin_shape = SHAPE(Shelf),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC,
    .defines = Shelf_defines,
};

HPyDef_METH(write_to, "write_to", HPyFunc_O, .doc = "the list that dying shelves write to")
static HPy write_to_impl(HPyContext *ctx, HPy self, HPy list)
{
    HPyGlobal_Store(ctx, &last_words, list);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(keep, "keep", HPyFunc_VARARGS)
static HPy keep_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy place, content;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &place, &content))
        return HPy_NULL;
    long i = index_below(ctx, place, GLOBALS);
    if (i < 0)
        return HPy_NULL;
    HPyGlobal_Store(ctx, &kept[i], content);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(kept_at, "kept_at", HPyFunc_O)
static HPy kept_at_impl(HPyContext *ctx, HPy self, HPy place)
{
    long i = index_below(ctx, place, GLOBALS);
    return i < 0 ? HPy_NULL : HPyGlobal_Load(ctx, kept[i]);
}

HPyDef_SLOT(exec, HPy_mod_exec)
static int exec_impl(HPyContext *ctx, HPy module)
{
    HPyGlobal_Store(ctx, &last_words, ctx->h_None);
    for (int i = 0; i < GLOBALS; i++)
        HPyGlobal_Store(ctx, &kept[i], ctx->h_None);
    return HPyHelpers_AddType(ctx, module, "Shelf", &Shelf_spec, NULL) ? 0 : -1;
}

static HPyDef *defines[] = {&exec, &write_to, &keep, &kept_at, NULL};
#define FOUR(i) &kept[i], &kept[i + 1], &kept[i + 2], &kept[i + 3]
#define SIXTEEN(i) FOUR(i), FOUR(i + 4), FOUR(i + 8), FOUR(i + 12)
static HPyGlobal *globals[] = {&last_words, SIXTEEN(0), SIXTEEN(16), SIXTEEN(32), SIXTEEN(48), NULL};

static HPyModuleDef module = {
    .doc = "fields and globals at their limits",
    .defines = defines,
    .globals = globals,
};
HPy_MODINIT(fields, module)
