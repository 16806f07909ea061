/* A type with every slot and member kind of HPy 0.9 that a plain object can have. */
#include "hpy.h"

#include <string.h>

typedef struct {
    short m_short;
    int m_int;
    long m_long;
    float m_float;
    double m_double;
    const char *m_string;
    HPyField m_object;
    char m_char;
    signed char m_byte;
    unsigned char m_ubyte;
    unsigned short m_ushort;
    unsigned int m_uint;
    unsigned long m_ulong;
    char m_inplace[16];
    char m_bool;
    HPyField m_object_ex;
    long long m_longlong;
    unsigned long long m_ulonglong;
    HPy_ssize_t m_ssize;
    long value;
} AllObject;
HPyType_HELPERS(AllObject)

static long finalized;
static long destroyed_count;

HPyDef_SLOT(All_new, HPy_tp_new)
static HPy All_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    AllObject *data;
    HPy h = HPy_New(ctx, cls, &data);
    if (HPy_IsNull(h))
        return HPy_NULL;
    data->m_string = "a C string";
    data->m_char = 'c';
    strcpy(data->m_inplace, "in place");
    return h;
}

HPyDef_SLOT(All_init, HPy_tp_init)
static int All_init_impl(HPyContext *ctx, HPy self, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    static const char *names[] = {"value", NULL};
    long value = 0;
    if (!HPyArg_ParseKeywordsDict(ctx, NULL, args, nargs, kw, "|l", names, &value))
        return -1;
    AllObject_AsStruct(ctx, self)->value = value;
    return 0;
}

HPyDef_SLOT(All_traverse, HPy_tp_traverse)
static int All_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    AllObject *data = (AllObject *)self;
    HPy_VISIT(&data->m_object);
    HPy_VISIT(&data->m_object_ex);
    return 0;
}

HPyDef_SLOT(All_finalize, HPy_tp_finalize)
static void All_finalize_impl(HPyContext *ctx, HPy self)
{
    finalized++;
}

HPyDef_SLOT(All_destroy, HPy_tp_destroy)
static void All_destroy_impl(void *data)
{
    destroyed_count++;
}

#define MEMBER(name, kind) HPyDef_MEMBER(All_##name, #name, HPyMember_##kind, offsetof(AllObject, name))
MEMBER(m_short, SHORT)
MEMBER(m_int, INT)
MEMBER(m_long, LONG)
MEMBER(m_float, FLOAT)
MEMBER(m_double, DOUBLE)
HPyDef_MEMBER(All_m_string, "m_string", HPyMember_STRING, offsetof(AllObject, m_string), .readonly = 1)
MEMBER(m_object, OBJECT)
MEMBER(m_char, CHAR)
MEMBER(m_byte, BYTE)
MEMBER(m_ubyte, UBYTE)
MEMBER(m_ushort, USHORT)
MEMBER(m_uint, UINT)
MEMBER(m_ulong, ULONG)
HPyDef_MEMBER(All_m_inplace, "m_inplace", HPyMember_STRING_INPLACE, offsetof(AllObject, m_inplace), .readonly = 1)
MEMBER(m_bool, BOOL)
MEMBER(m_object_ex, OBJECT_EX)
MEMBER(m_longlong, LONGLONG)
MEMBER(m_ulonglong, ULONGLONG)
MEMBER(m_ssize, HPYSSIZET)
HPyDef_MEMBER(All_m_none, "m_none", HPyMember_NONE, 0)
HPyDef_MEMBER(All_ro, "m_readonly", HPyMember_LONG, offsetof(AllObject, value), .readonly = 1, .doc = "read only")

HPyDef_SLOT(All_repr, HPy_tp_repr)
static HPy All_repr_impl(HPyContext *ctx, HPy self)
{
    return HPyUnicode_FromFormat(ctx, "<All %ld>", AllObject_AsStruct(ctx, self)->value);
}

HPyDef_SLOT(All_str, HPy_tp_str)
static HPy All_str_impl(HPyContext *ctx, HPy self)
{
    return HPyUnicode_FromString(ctx, "str of All");
}

HPyDef_SLOT(All_hash, HPy_tp_hash)
static HPy_hash_t All_hash_impl(HPyContext *ctx, HPy self)
{
    return AllObject_AsStruct(ctx, self)->value;
}

HPyDef_SLOT(All_call, HPy_tp_call)
static HPy All_call_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    return HPyLong_FromLong(ctx, (long)nargs * 100 + (HPy_IsNull(kwnames) ? 0 : (long)HPy_Length(ctx, kwnames)));
}

/* Is `h` an All? Then its value, else its own int value. */
static int number(HPyContext *ctx, HPy h, HPy like, long *value)
{
    HPy type = HPy_Type(ctx, like);
    int same = HPy_TypeCheck(ctx, h, type);
    HPy_Close(ctx, type);
    if (same) {
        *value = AllObject_AsStruct(ctx, h)->value;
        return 1;
    }
    if (HPy_TypeCheck(ctx, h, ctx->h_LongType)) {
        *value = HPyLong_AsLong(ctx, h);
        return 1;
    }
    return 0;
}

HPyDef_SLOT(All_richcompare, HPy_tp_richcompare)
static HPy All_richcompare_impl(HPyContext *ctx, HPy self, HPy other, HPy_RichCmpOp op)
{
    long a, b;
    if (!number(ctx, self, self, &a) || !number(ctx, other, self, &b))
        return HPy_Dup(ctx, ctx->h_NotImplemented);
    HPy_RETURN_RICHCOMPARE(ctx, a, b, op);
}

#define BINARY(name, slot)                                                            \
    HPyDef_SLOT(All_##name, slot)                                                     \
    static HPy All_##name##_impl(HPyContext *ctx, HPy a, HPy b)                       \
    {                                                                                 \
        HPy left = HPy_Repr(ctx, a), right = HPy_Repr(ctx, b);                        \
        HPy result = HPy_NULL;                                                        \
        if (!HPy_IsNull(left) && !HPy_IsNull(right)) {                                \
            HPy parts[] = {left, right};                                              \
            HPy pair = HPyTuple_FromArray(ctx, parts, 2);                             \
            HPy format = HPyUnicode_FromString(ctx, #name "(%s, %s)");                \
            result = HPy_Remainder(ctx, format, pair);                                \
            HPy_Close(ctx, pair);                                                     \
            HPy_Close(ctx, format);                                                   \
        }                                                                             \
        HPy_Close(ctx, left);                                                         \
        HPy_Close(ctx, right);                                                        \
        return result;                                                                \
    }
BINARY(add, HPy_nb_add)
BINARY(subtract, HPy_nb_subtract)
BINARY(multiply, HPy_nb_multiply)
BINARY(remainder, HPy_nb_remainder)
BINARY(divmod, HPy_nb_divmod)
BINARY(lshift, HPy_nb_lshift)
BINARY(rshift, HPy_nb_rshift)
BINARY(and, HPy_nb_and)
BINARY(xor, HPy_nb_xor)
BINARY(or, HPy_nb_or)
BINARY(floor_divide, HPy_nb_floor_divide)
BINARY(true_divide, HPy_nb_true_divide)
BINARY(matrix_multiply, HPy_nb_matrix_multiply)
BINARY(inplace_subtract, HPy_nb_inplace_subtract)
BINARY(inplace_or, HPy_nb_inplace_or)

HPyDef_SLOT(All_power, HPy_nb_power)
static HPy All_power_impl(HPyContext *ctx, HPy a, HPy b, HPy modulus)
{
    return HPyTuple_Pack(ctx, 2, b, modulus);
}

HPyDef_SLOT(All_inplace_add, HPy_nb_inplace_add)
static HPy All_inplace_add_impl(HPyContext *ctx, HPy self, HPy other)
{
    long value;
    if (!number(ctx, other, self, &value))
        return HPy_Dup(ctx, ctx->h_NotImplemented);
    AllObject_AsStruct(ctx, self)->value += value;
    return HPy_Dup(ctx, self);
}

#define UNARY(name, slot, expression)                              \
    HPyDef_SLOT(All_##name, slot)                                  \
    static HPy All_##name##_impl(HPyContext *ctx, HPy self)        \
    {                                                              \
        long value = AllObject_AsStruct(ctx, self)->value;         \
        (void)value;                                               \
        return expression;                                         \
    }
UNARY(negative, HPy_nb_negative, HPyLong_FromLong(ctx, -value))
UNARY(positive, HPy_nb_positive, HPyLong_FromLong(ctx, value))
UNARY(absolute, HPy_nb_absolute, HPyLong_FromLong(ctx, value < 0 ? -value : value))
UNARY(invert, HPy_nb_invert, HPyLong_FromLong(ctx, ~value))
UNARY(int_, HPy_nb_int, HPyLong_FromLong(ctx, value))
UNARY(float_, HPy_nb_float, HPyFloat_FromDouble(ctx, (double)value + 0.5))
UNARY(index, HPy_nb_index, HPyLong_FromLong(ctx, value))

HPyDef_SLOT(All_bool, HPy_nb_bool)
static int All_bool_impl(HPyContext *ctx, HPy self)
{
    return AllObject_AsStruct(ctx, self)->value != 0;
}

static HPyDef *All_defines[] = {
    &All_new, &All_init, &All_traverse, &All_finalize, &All_destroy, &All_m_short, &All_m_int, &All_m_long,
    &All_m_float, &All_m_double, &All_m_string, &All_m_object, &All_m_char, &All_m_byte, &All_m_ubyte,
    &All_m_ushort, &All_m_uint, &All_m_ulong, &All_m_inplace, &All_m_bool, &All_m_object_ex, &All_m_longlong,
    &All_m_ulonglong, &All_m_ssize, &All_m_none, &All_ro, &All_repr, &All_str, &All_hash, &All_call,
    &All_richcompare, &All_add, &All_subtract, &All_multiply, &All_remainder, &All_divmod, &All_lshift,
    &All_rshift, &All_and, &All_xor, &All_or, &All_floor_divide, &All_true_divide, &All_matrix_multiply,
    &All_inplace_subtract, &All_inplace_or, &All_power, &All_inplace_add, &All_negative, &All_positive,
    &All_absolute, &All_invert, &All_int_, &All_float_, &All_index, &All_bool, NULL};

static HPyType_Spec All_spec = {
    .name = "slots.All",
    .doc = "Every slot.",
    .basicsize = sizeof(AllObject),
    .builtin_shape = SHAPE(AllObject),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC | HPy_TPFLAGS_BASETYPE,
    .defines = All_defines,
};

/* ---- a sequence and a mapping ---------------------------------------- */

#define CAPACITY 8

typedef struct {
    long items[CAPACITY];
    HPy_ssize_t length;
} SeqObject;
HPyType_HELPERS(SeqObject)

HPyDef_SLOT(Seq_new, HPy_tp_new)
static HPy Seq_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    SeqObject *data;
    if (nargs > CAPACITY) {
        HPyErr_SetString(ctx, ctx->h_ValueError, "too many items");
        return HPy_NULL;
    }
    HPy h = HPy_New(ctx, cls, &data);
    if (HPy_IsNull(h))
        return HPy_NULL;
    for (HPy_ssize_t i = 0; i < nargs; i++) {
        data->items[i] = HPyLong_AsLong(ctx, args[i]);
        if (data->items[i] == -1 && HPyErr_Occurred(ctx)) {
            HPy_Close(ctx, h);
            return HPy_NULL;
        }
    }
    data->length = nargs;
    return h;
}

HPyDef_SLOT(Seq_length, HPy_sq_length)
static HPy_ssize_t Seq_length_impl(HPyContext *ctx, HPy self)
{
    return SeqObject_AsStruct(ctx, self)->length;
}

HPyDef_SLOT(Seq_item, HPy_sq_item)
static HPy Seq_item_impl(HPyContext *ctx, HPy self, HPy_ssize_t i)
{
    SeqObject *data = SeqObject_AsStruct(ctx, self);
    if (i < 0 || i >= data->length) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "no such item");
        return HPy_NULL;
    }
    return HPyLong_FromLong(ctx, data->items[i]);
}

HPyDef_SLOT(Seq_ass_item, HPy_sq_ass_item)
static int Seq_ass_item_impl(HPyContext *ctx, HPy self, HPy_ssize_t i, HPy value)
{
    SeqObject *data = SeqObject_AsStruct(ctx, self);
    if (i < 0 || i >= data->length) {
        HPyErr_SetString(ctx, ctx->h_IndexError, "no such item to set");
        return -1;
    }
    if (HPy_IsNull(value)) {
        memmove(&data->items[i], &data->items[i + 1], (data->length - i - 1) * sizeof(long));
        data->length--;
        return 0;
    }
    long number = HPyLong_AsLong(ctx, value);
    if (number == -1 && HPyErr_Occurred(ctx))
        return -1;
    data->items[i] = number;
    return 0;
}

HPyDef_SLOT(Seq_contains, HPy_sq_contains)
static int Seq_contains_impl(HPyContext *ctx, HPy self, HPy value)
{
    long number = HPyLong_AsLong(ctx, value);
    if (number == -1 && HPyErr_Occurred(ctx))
        return -1;
    SeqObject *data = SeqObject_AsStruct(ctx, self);
    for (HPy_ssize_t i = 0; i < data->length; i++)
        if (data->items[i] == number)
            return 1;
    return 0;
}

HPyDef_SLOT(Seq_concat, HPy_sq_concat)
static HPy Seq_concat_impl(HPyContext *ctx, HPy self, HPy other)
{
    return HPyUnicode_FromString(ctx, "concat");
}

HPyDef_SLOT(Seq_repeat, HPy_sq_repeat)
static HPy Seq_repeat_impl(HPyContext *ctx, HPy self, HPy_ssize_t n)
{
    return HPyUnicode_FromFormat(ctx, "repeat %zd", n);
}

static HPyDef *Seq_defines[] = {&Seq_new,      &Seq_length, &Seq_item,   &Seq_ass_item,
                                &Seq_contains, &Seq_concat, &Seq_repeat, NULL};

static HPyType_Spec Seq_spec = {
    .name = "slots.Seq",
    .basicsize = sizeof(SeqObject),
    .builtin_shape = SHAPE(SeqObject),
    .defines = Seq_defines,
};

HPyDef_SLOT(Map_length, HPy_mp_length)
static HPy_ssize_t Map_length_impl(HPyContext *ctx, HPy self)
{
    return 3;
}

HPyDef_SLOT(Map_subscript, HPy_mp_subscript)
static HPy Map_subscript_impl(HPyContext *ctx, HPy self, HPy key)
{
    return HPyTuple_Pack(ctx, 2, key, key);
}

HPyDef_SLOT(Map_ass_subscript, HPy_mp_ass_subscript)
static int Map_ass_subscript_impl(HPyContext *ctx, HPy self, HPy key, HPy value)
{
    if (HPy_IsNull(value))
        HPyErr_SetObject(ctx, ctx->h_KeyError, key);
    else
        HPyErr_SetString(ctx, ctx->h_TypeError, "this mapping cannot be changed");
    return -1;
}

static HPyDef *Map_defines[] = {&Map_length, &Map_subscript, &Map_ass_subscript, NULL};

static HPyType_Spec Map_spec = {
    .name = "slots.Map",
    .basicsize = 0,
    .defines = Map_defines,
};

/* ---- the module ------------------------------------------------------ */

HPyDef_METH(counts, "counts", HPyFunc_NOARGS, .doc = "(finalized, destroyed)")
static HPy counts_impl(HPyContext *ctx, HPy self)
{
    return HPy_BuildValue(ctx, "ll", finalized, destroyed_count);
}

HPyDef_SLOT(module_exec, HPy_mod_exec)
static int module_exec_impl(HPyContext *ctx, HPy module)
{
    if (!HPyHelpers_AddType(ctx, module, "All", &All_spec, NULL) ||
        !HPyHelpers_AddType(ctx, module, "Seq", &Seq_spec, NULL) ||
        !HPyHelpers_AddType(ctx, module, "Map", &Map_spec, NULL))
        return -1;
    return 0;
}

static HPyDef *defines[] = {&module_exec, &counts, NULL};

static HPyModuleDef moduledef = {.doc = "Slots and members.", .size = 0, .defines = defines};

HPy_MODINIT(slots, moduledef)
