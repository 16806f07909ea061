/* Structs behind objects with the layout of a builtin type, with fields that make cycles. */
#include "hpy.h"

static long destroyed = 0;

typedef struct {
    HPyField other;
    long number;
} Node;

HPyDef_SLOT(List_traverse, HPy_tp_traverse)
static int List_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    Node *node = (Node *)self;
    HPy_VISIT(&node->other);
    return 0;
}

HPyDef_SLOT(List_destroy, HPy_tp_destroy)
static void List_destroy_impl(void *self)
{
    destroyed++;
}

HPyType_HELPERS(Node, HPyType_BuiltinShape_List)

HPyDef_METH(List_link, "link", HPyFunc_O)
static HPy List_link_impl(HPyContext *ctx, HPy self, HPy other)
{
    Node *node = Node_AsStruct(ctx, self);
    HPyField_Store(ctx, self, &node->other, other);
    node->number++;
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(List_linked, "linked", HPyFunc_NOARGS)
static HPy List_linked_impl(HPyContext *ctx, HPy self)
{
    Node *node = Node_AsStruct(ctx, self);
    if (HPyField_IsNull(node->other))
        return HPy_Dup(ctx, ctx->h_None);
    return HPyField_Load(ctx, self, node->other);
}

HPyDef_METH(List_number, "number", HPyFunc_NOARGS)
static HPy List_number_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromLong(ctx, Node_AsStruct(ctx, self)->number);
}

static HPyDef *List_defines[] = {
    &List_traverse, &List_destroy, &List_link, &List_linked, &List_number, NULL
};

static HPyType_Spec List_spec = {
    .name = "shapes.LinkedList",
    .basicsize = sizeof(Node),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC | HPy_TPFLAGS_BASETYPE,
    .builtin_shape = HPyType_BuiltinShape_List,
    .defines = List_defines,
};

typedef struct {
    double weight;
} Weighted;
HPyType_HELPERS(Weighted, HPyType_BuiltinShape_Long)

HPyDef_METH(Weighted_weigh, "weigh", HPyFunc_O)
static HPy Weighted_weigh_impl(HPyContext *ctx, HPy self, HPy by)
{
    Weighted *w = Weighted_AsStruct(ctx, self);
    w->weight += HPyFloat_AsDouble(ctx, by);
    return HPyFloat_FromDouble(ctx, w->weight);
}

static HPyDef *Weighted_defines[] = {&Weighted_weigh, NULL};
static HPyType_Spec Weighted_spec = {
    .name = "shapes.WeightedInt",
    .basicsize = sizeof(Weighted),
    .builtin_shape = HPyType_BuiltinShape_Long,
    .defines = Weighted_defines,
};

/* One number behind objects of each of the other layouts. */
typedef struct {
    long number;
} Counter;

#define COUNTER(NAME, SHAPE)                                                                     \
    HPyDef_METH(NAME##_count, "count_up", HPyFunc_NOARGS)                                        \
    static HPy NAME##_count_impl(HPyContext *ctx, HPy self)                                      \
    {                                                                                            \
        Counter *counter = (Counter *)SHAPE##_AsStruct(ctx, self);                               \
        return HPyLong_FromLong(ctx, ++counter->number);                                         \
    }                                                                                            \
    static HPyDef *NAME##_defines[] = {&NAME##_count, NULL};                                     \
    static HPyType_Spec NAME##_spec = {                                                          \
        .name = "shapes." #NAME,                                                                 \
        .basicsize = sizeof(Counter),                                                            \
        .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_BASETYPE,                                     \
        .builtin_shape = SHAPE,                                                                  \
        .defines = NAME##_defines,                                                               \
    };

COUNTER(Meta, HPyType_BuiltinShape_Type)
COUNTER(CountingFloat, HPyType_BuiltinShape_Float)
COUNTER(CountingStr, HPyType_BuiltinShape_Unicode)
COUNTER(CountingTuple, HPyType_BuiltinShape_Tuple)

HPyDef_METH(make, "make", HPyFunc_O, .doc = "HPy_New of a type")
static HPy make_impl(HPyContext *ctx, HPy self, HPy type)
{
    Counter *counter;
    HPy h = _HPy_New(ctx, type, (void **)&counter);
    if (HPy_IsNull(h))
        return HPy_NULL;
    counter->number = 41;
    return h;
}

HPyDef_METH(get_destroyed, "get_destroyed", HPyFunc_NOARGS)
static HPy get_destroyed_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromLong(ctx, destroyed);
}

HPyDef_SLOT(exec, HPy_mod_exec)
static int exec_impl(HPyContext *ctx, HPy mod)
{
    HPyType_SpecParam list[] = {{HPyType_SpecParam_Base, ctx->h_ListType}, {0}};
    HPyType_SpecParam number[] = {{HPyType_SpecParam_Base, ctx->h_LongType}, {0}};
    if (!HPyHelpers_AddType(ctx, mod, "LinkedList", &List_spec, list))
        return -1;
    if (!HPyHelpers_AddType(ctx, mod, "WeightedInt", &Weighted_spec, number))
        return -1;
    HPyType_SpecParam type[] = {{HPyType_SpecParam_Base, ctx->h_TypeType}, {0}};
    HPyType_SpecParam real[] = {{HPyType_SpecParam_Base, ctx->h_FloatType}, {0}};
    HPyType_SpecParam text[] = {{HPyType_SpecParam_Base, ctx->h_UnicodeType}, {0}};
    HPyType_SpecParam tuple[] = {{HPyType_SpecParam_Base, ctx->h_TupleType}, {0}};
    if (!HPyHelpers_AddType(ctx, mod, "Meta", &Meta_spec, type) ||
        !HPyHelpers_AddType(ctx, mod, "CountingFloat", &CountingFloat_spec, real) ||
        !HPyHelpers_AddType(ctx, mod, "CountingStr", &CountingStr_spec, text) ||
        !HPyHelpers_AddType(ctx, mod, "CountingTuple", &CountingTuple_spec, tuple))
        return -1;
    return 0;
}

static HPyDef *defines[] = {&exec, &make, &get_destroyed, NULL};
static HPyModuleDef moduledef = {.doc = "Structs behind builtin layouts", .defines = defines};
HPy_MODINIT(shapes, moduledef)
