/* Handles, globals, fields, builders, trackers, borrowed pointers and the
 * abstract API, each through a function that a script can call and check.
 *
 * Functions named *_over take a callable and call it while C holds something:
 * a handle, a borrowed pointer, a half-built list. The callable collects
 * garbage, so what C holds must survive every object's move.
 */
#include "hpy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- handles --------------------------------------------------------- */

/* Call a callable with no arguments for its side effects. 0, or -1 with an exception. */
static int run(HPyContext *ctx, HPy callback)
{
    HPy result = HPy_Call(ctx, callback, NULL, 0, HPy_NULL);
    if (HPy_IsNull(result))
        return -1;
    HPy_Close(ctx, result);
    return 0;
}

HPyDef_METH(dup_close, "dup_close", HPyFunc_VARARGS, .doc = "n duplicates of one handle, all of them the same object")
static HPy dup_close_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj;
    long n;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "Ol", &obj, &n))
        return HPy_NULL;
    HPy *handles = (HPy *)malloc(sizeof(HPy) * (n > 0 ? n : 1));
    if (handles == NULL)
        return HPyErr_NoMemory(ctx);
    for (long i = 0; i < n; i++)
        handles[i] = HPy_Dup(ctx, obj);
    long same = 0;
    for (long i = 0; i < n; i++)
        same += HPy_Is(ctx, handles[i], obj);
    for (long i = 0; i < n; i += 2)
        HPy_Close(ctx, handles[i]);
    for (long i = 1; i < n; i += 2)
        HPy_Close(ctx, handles[i]);
    free(handles);
    return HPyLong_FromLong(ctx, same);
}

HPyDef_METH(hold_over, "hold_over", HPyFunc_VARARGS)
static HPy hold_over_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    if (nargs != 2) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "hold_over(obj, callback)");
        return HPy_NULL;
    }
    HPy held = HPy_Dup(ctx, args[0]);
    HPy list = HPyList_New(ctx, 0);
    if (HPy_IsNull(list) || HPyList_Append(ctx, list, held) < 0 || run(ctx, args[1]) < 0) {
        HPy_Close(ctx, held);
        HPy_Close(ctx, list);
        return HPy_NULL;
    }
    HPy item = HPy_GetItem_i(ctx, list, 0);
    int same = HPy_Is(ctx, held, args[0]) && HPy_Is(ctx, held, item);
    HPy_Close(ctx, item);
    HPy_Close(ctx, list);
    if (!same) {
        HPy_Close(ctx, held);
        HPyErr_SetString(ctx, ctx->h_SystemError, "a held handle names another object");
        return HPy_NULL;
    }
    return held;
}

HPyDef_METH(utf8_over, "utf8_over", HPyFunc_VARARGS, .doc = "a str's UTF-8 bytes, read again after the callback")
static HPy utf8_over_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy text, callback;
    HPy_ssize_t size;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &text, &callback))
        return HPy_NULL;
    const char *bytes = HPyUnicode_AsUTF8AndSize(ctx, text, &size);
    if (bytes == NULL)
        return HPy_NULL;
    char *copy = (char *)malloc(size + 1);
    memcpy(copy, bytes, size + 1);
    if (run(ctx, callback) < 0) {
        free(copy);
        return HPy_NULL;
    }
    int same = memcmp(copy, bytes, size + 1) == 0 && bytes[size] == 0;
    HPy_ssize_t again;
    same = same && HPyUnicode_AsUTF8AndSize(ctx, text, &again) == bytes && again == size;
    free(copy);
    if (!same) {
        HPyErr_SetString(ctx, ctx->h_SystemError, "the borrowed UTF-8 moved");
        return HPy_NULL;
    }
    return HPyBytes_FromStringAndSize(ctx, bytes, size);
}

HPyDef_METH(bytes_over, "bytes_over", HPyFunc_VARARGS)
static HPy bytes_over_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy data, callback;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &data, &callback))
        return HPy_NULL;
    if (!HPyBytes_Check(ctx, data)) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "bytes wanted");
        return HPy_NULL;
    }
    HPy_ssize_t size = HPyBytes_Size(ctx, data);
    const char *bytes = HPyBytes_AsString(ctx, data);
    unsigned long before = 0, after = 0;
    for (HPy_ssize_t i = 0; i < size; i++)
        before = before * 31 + (unsigned char)bytes[i];
    if (run(ctx, callback) < 0)
        return HPy_NULL;
    for (HPy_ssize_t i = 0; i < size; i++)
        after = after * 31 + (unsigned char)bytes[i];
    if (before != after || HPyBytes_AsString(ctx, data) != bytes) {
        HPyErr_SetString(ctx, ctx->h_SystemError, "the borrowed bytes moved");
        return HPy_NULL;
    }
    return HPyLong_FromSsize_t(ctx, size);
}

/* ---- globals --------------------------------------------------------- */

static HPyGlobal stored;

HPyDef_METH(global_set, "global_set", HPyFunc_O)
static HPy global_set_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyGlobal_Store(ctx, &stored, arg);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(global_get, "global_get", HPyFunc_NOARGS)
static HPy global_get_impl(HPyContext *ctx, HPy self)
{
    return HPyGlobal_Load(ctx, stored);
}

/* ---- fields ---------------------------------------------------------- */

typedef struct {
    HPyField first;
    HPyField second;
    long stores;
} PairObject;
HPyType_HELPERS(PairObject)

static long pairs_destroyed;

HPyDef_SLOT(Pair_new, HPy_tp_new)
static HPy Pair_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    HPy first, second;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &first, &second))
        return HPy_NULL;
    PairObject *pair;
    HPy h = HPy_New(ctx, cls, &pair);
    if (HPy_IsNull(h))
        return HPy_NULL;
    HPyField_Store(ctx, h, &pair->first, first);
    HPyField_Store(ctx, h, &pair->second, second);
    pair->stores = 2;
    return h;
}

HPyDef_SLOT(Pair_traverse, HPy_tp_traverse)
static int Pair_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    PairObject *pair = (PairObject *)self;
    HPy_VISIT(&pair->first);
    HPy_VISIT(&pair->second);
    return 0;
}

HPyDef_SLOT(Pair_destroy, HPy_tp_destroy)
static void Pair_destroy_impl(void *data)
{
    pairs_destroyed++;
}

static HPy load_or_none(HPyContext *ctx, HPy owner, HPyField field)
{
    if (HPyField_IsNull(field))
        return HPy_Dup(ctx, ctx->h_None);
    return HPyField_Load(ctx, owner, field);
}

HPyDef_GETSET(Pair_first, "first")
static HPy Pair_first_get(HPyContext *ctx, HPy self, void *closure)
{
    return load_or_none(ctx, self, PairObject_AsStruct(ctx, self)->first);
}
static int Pair_first_set(HPyContext *ctx, HPy self, HPy value, void *closure)
{
    PairObject *pair = PairObject_AsStruct(ctx, self);
    HPyField_Store(ctx, self, &pair->first, value);
    pair->stores++;
    return 0;
}

HPyDef_GETSET(Pair_second, "second")
static HPy Pair_second_get(HPyContext *ctx, HPy self, void *closure)
{
    return load_or_none(ctx, self, PairObject_AsStruct(ctx, self)->second);
}
static int Pair_second_set(HPyContext *ctx, HPy self, HPy value, void *closure)
{
    PairObject *pair = PairObject_AsStruct(ctx, self);
    HPyField_Store(ctx, self, &pair->second, value);
    pair->stores++;
    return 0;
}

HPyDef_MEMBER(Pair_stores, "stores", HPyMember_LONG, offsetof(PairObject, stores), .readonly = 1)

HPyDef_METH(Pair_swap, "swap", HPyFunc_NOARGS)
static HPy Pair_swap_impl(HPyContext *ctx, HPy self)
{
    PairObject *pair = PairObject_AsStruct(ctx, self);
    HPy first = load_or_none(ctx, self, pair->first);
    HPy second = load_or_none(ctx, self, pair->second);
    HPyField_Store(ctx, self, &pair->first, second);
    HPyField_Store(ctx, self, &pair->second, first);
    HPy_Close(ctx, first);
    HPy_Close(ctx, second);
    return HPy_Dup(ctx, self);
}

HPyDef_METH(Pair_struct_over, "struct_over", HPyFunc_O, .doc = "the C struct stays where it is")
static HPy Pair_struct_over_impl(HPyContext *ctx, HPy self, HPy callback)
{
    PairObject *before = PairObject_AsStruct(ctx, self);
    if (run(ctx, callback) < 0)
        return HPy_NULL;
    return HPyBool_FromBool(ctx, before == PairObject_AsStruct(ctx, self));
}

static HPyDef *Pair_defines[] = {&Pair_new,   &Pair_traverse, &Pair_destroy, &Pair_first,       &Pair_second,
                                 &Pair_stores, &Pair_swap,    &Pair_struct_over, NULL};

static HPyType_Spec Pair_spec = {
    .name = "battery.Pair",
    .doc = "Two references held in HPyFields.",
    .basicsize = sizeof(PairObject),
    .builtin_shape = SHAPE(PairObject),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC | HPy_TPFLAGS_BASETYPE,
    .defines = Pair_defines,
};

HPyDef_METH(destroyed, "destroyed", HPyFunc_NOARGS)
static HPy destroyed_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromLong(ctx, pairs_destroyed);
}

/* ---- builders and trackers ------------------------------------------- */

HPyDef_METH(build_list, "build_list", HPyFunc_VARARGS, .doc = "[0, 1.0, '2', None, ...] of n items; the callback runs half-way")
static HPy build_list_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    long n;
    HPy callback;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "lO", &n, &callback))
        return HPy_NULL;
    HPyListBuilder builder = HPyListBuilder_New(ctx, n);
    for (long i = 0; i < n; i++) {
        HPy item = HPy_NULL;
        char digits[32];
        switch (i % 4) {
        case 0: item = HPyLong_FromLong(ctx, i); break;
        case 1: item = HPyFloat_FromDouble(ctx, (double)i); break;
        case 2: snprintf(digits, sizeof digits, "%ld", i); item = HPyUnicode_FromString(ctx, digits); break;
        default: item = HPy_Dup(ctx, ctx->h_None); break;
        }
        HPyListBuilder_Set(ctx, builder, i, item);
        HPy_Close(ctx, item);
        if (i == n / 2 && run(ctx, callback) < 0) {
            HPyListBuilder_Cancel(ctx, builder);
            return HPy_NULL;
        }
    }
    return HPyListBuilder_Build(ctx, builder);
}

HPyDef_METH(build_tuple, "build_tuple", HPyFunc_VARARGS)
static HPy build_tuple_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    long n;
    HPy callback;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "lO", &n, &callback))
        return HPy_NULL;
    HPyTupleBuilder builder = HPyTupleBuilder_New(ctx, n);
    for (long i = 0; i < n; i++) {
        HPy item = HPyList_New(ctx, 0);
        HPy number = HPyLong_FromLong(ctx, i);
        HPyList_Append(ctx, item, number);
        HPy_Close(ctx, number);
        HPyTupleBuilder_Set(ctx, builder, i, item);
        HPy_Close(ctx, item);
        if (i == n / 2 && run(ctx, callback) < 0) {
            HPyTupleBuilder_Cancel(ctx, builder);
            return HPy_NULL;
        }
    }
    return HPyTupleBuilder_Build(ctx, builder);
}

HPyDef_METH(tracked, "tracked", HPyFunc_O, .doc = "the sum of a sequence's items, every handle kept in a tracker to the end")
static HPy tracked_impl(HPyContext *ctx, HPy self, HPy sequence)
{
    HPy_ssize_t n = HPy_Length(ctx, sequence);
    if (n < 0)
        return HPy_NULL;
    HPyTracker tracker = HPyTracker_New(ctx, 0);
    HPy total = HPyLong_FromLong(ctx, 0);
    for (HPy_ssize_t i = 0; i < n; i++) {
        HPy item = HPy_GetItem_i(ctx, sequence, i);
        if (HPy_IsNull(item))
            goto error;
        if (HPyTracker_Add(ctx, tracker, item) < 0)
            goto error;
        HPy sum = HPy_Add(ctx, total, item);
        if (HPy_IsNull(sum))
            goto error;
        HPy_Close(ctx, total);
        total = sum;
    }
    HPyTracker_Close(ctx, tracker);
    return total;
error:
    HPyTracker_Close(ctx, tracker);
    HPy_Close(ctx, total);
    return HPy_NULL;
}

HPyDef_METH(forgotten, "forgotten", HPyFunc_O, .doc = "a tracker that forgets its handles leaves them open")
static HPy forgotten_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPyTracker tracker = HPyTracker_New(ctx, 1);
    HPy list = HPyList_New(ctx, 0);
    HPyTracker_Add(ctx, tracker, list);
    HPyTracker_ForgetAll(ctx, tracker);
    HPyTracker_Close(ctx, tracker);
    HPyList_Append(ctx, list, arg);
    return list;
}

HPyDef_METH(from_array, "from_array", HPyFunc_VARARGS)
static HPy from_array_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    return HPyTuple_FromArray(ctx, (HPy *)args, nargs);
}

/* ---- arguments ------------------------------------------------------- */

HPyDef_METH(parse_all, "parse_all", HPyFunc_VARARGS, .doc = "one of each plain format unit")
static HPy parse_all_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    unsigned char b;
    short h;
    int i;
    long l;
    HPy_ssize_t n;
    float f;
    double d;
    const char *s;
    HPy o;
    HPyTracker tracker;
    if (!HPyArg_Parse(ctx, &tracker, args, nargs, "bhilnfdsO:parse_all", &b, &h, &i, &l, &n, &f, &d, &s, &o))
        return HPy_NULL;
    HPy result = HPy_BuildValue(ctx, "iiilddsO", (int)b, (int)h, i, l, (double)f, d, s, o);
    HPyTracker_Close(ctx, tracker);
    return result;
}

HPyDef_METH(parse_keywords, "parse_keywords", HPyFunc_KEYWORDS)
static HPy parse_keywords_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    static const char *names[] = {"", "b", "c", "d", NULL};
    long a, b = 20, c = 30;
    HPy d = HPy_NULL;
    HPyTracker tracker;
    if (!HPyArg_ParseKeywords(ctx, &tracker, args, nargs, kwnames, "l|ll$O:parse_keywords", names, &a, &b, &c, &d))
        return HPy_NULL;
    HPy result = HPy_BuildValue(ctx, "lllO", a, b, c, HPy_IsNull(d) ? ctx->h_None : d);
    HPyTracker_Close(ctx, tracker);
    return result;
}

HPyDef_METH(keywords_seen, "keywords_seen", HPyFunc_KEYWORDS, .doc = "(positional count, keyword names, values)")
static HPy keywords_seen_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs, HPy kwnames)
{
    HPy_ssize_t named = HPy_IsNull(kwnames) ? 0 : HPy_Length(ctx, kwnames);
    HPy values = HPyList_New(ctx, 0);
    for (size_t i = 0; i < nargs + named; i++)
        HPyList_Append(ctx, values, args[i]);
    HPy result = HPy_BuildValue(ctx, "nOO", (HPy_ssize_t)nargs, HPy_IsNull(kwnames) ? ctx->h_None : kwnames, values);
    HPy_Close(ctx, values);
    return result;
}

/* ---- numbers and text ------------------------------------------------ */

HPyDef_METH(ints, "ints", HPyFunc_O, .doc = "an int through every C integer type that takes it")
static HPy ints_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy list = HPyList_New(ctx, 0);
#define THROUGH(type, as, from)                              \
    do {                                                     \
        type value = as(ctx, arg);                           \
        HPy item;                                            \
        if (HPyErr_Occurred(ctx)) {                          \
            int over = HPyErr_ExceptionMatches(ctx, ctx->h_OverflowError); \
            HPyErr_Clear(ctx);                               \
            item = HPyUnicode_FromString(ctx, over ? "OverflowError" : "other error"); \
        } else {                                             \
            item = from(ctx, value);                         \
        }                                                    \
        HPyList_Append(ctx, list, item);                     \
        HPy_Close(ctx, item);                                \
    } while (0)
    THROUGH(int32_t, HPyLong_AsInt32_t, HPyLong_FromInt32_t);
    THROUGH(uint32_t, HPyLong_AsUInt32_t, HPyLong_FromUInt32_t);
    THROUGH(uint32_t, HPyLong_AsUInt32_tMask, HPyLong_FromUInt32_t);
    THROUGH(int64_t, HPyLong_AsInt64_t, HPyLong_FromInt64_t);
    THROUGH(uint64_t, HPyLong_AsUInt64_t, HPyLong_FromUInt64_t);
    THROUGH(uint64_t, HPyLong_AsUInt64_tMask, HPyLong_FromUInt64_t);
    THROUGH(size_t, HPyLong_AsSize_t, HPyLong_FromSize_t);
    THROUGH(HPy_ssize_t, HPyLong_AsSsize_t, HPyLong_FromSsize_t);
    THROUGH(double, HPyLong_AsDouble, HPyFloat_FromDouble);
    return list;
}

HPyDef_METH(floats, "floats", HPyFunc_O)
static HPy floats_impl(HPyContext *ctx, HPy self, HPy arg)
{
    double value = HPyFloat_AsDouble(ctx, arg);
    if (value == -1.0 && HPyErr_Occurred(ctx))
        return HPy_NULL;
    return HPyFloat_FromDouble(ctx, value * 2);
}

HPyDef_METH(truth, "truth", HPyFunc_O)
static HPy truth_impl(HPyContext *ctx, HPy self, HPy arg)
{
    int result = HPy_IsTrue(ctx, arg);
    if (result < 0)
        return HPy_NULL;
    return HPyBool_FromBool(ctx, result);
}

HPyDef_METH(text, "text", HPyFunc_O, .doc = "what C sees of a str, and the str back from its UTF-8")
static HPy text_impl(HPyContext *ctx, HPy self, HPy arg)
{
    if (!HPyUnicode_Check(ctx, arg)) {
        HPyErr_SetString(ctx, ctx->h_TypeError, "a str is wanted");
        return HPy_NULL;
    }
    HPy_ssize_t size;
    const char *utf8 = HPyUnicode_AsUTF8AndSize(ctx, arg, &size);
    if (utf8 == NULL)
        return HPy_NULL;
    HPy back = HPyUnicode_FromString(ctx, utf8);
    if (HPy_IsNull(back))
        return HPy_NULL;
    HPy result = HPy_BuildValue(ctx, "nO", size, back);
    HPy_Close(ctx, back);
    return result;
}

HPyDef_METH(arith, "arith", HPyFunc_VARARGS, .doc = "all binary operators on two objects; errors as the type's name")
static HPy arith_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy a, b;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &a, &b))
        return HPy_NULL;
    typedef HPy (*Binary)(HPyContext *, HPy, HPy);
    static const Binary operators[] = {HPy_Add,       HPy_Subtract, HPy_Multiply, HPy_TrueDivide, HPy_FloorDivide,
                                       HPy_Remainder, HPy_Divmod,   HPy_Lshift,   HPy_Rshift,     HPy_And,
                                       HPy_Or,        HPy_Xor};
    HPy list = HPyList_New(ctx, 0);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        HPy result = operators[i](ctx, a, b);
        if (HPy_IsNull(result)) {
            const char *name = "other";
            if (HPyErr_ExceptionMatches(ctx, ctx->h_TypeError))
                name = "TypeError";
            else if (HPyErr_ExceptionMatches(ctx, ctx->h_ZeroDivisionError))
                name = "ZeroDivisionError";
            else if (HPyErr_ExceptionMatches(ctx, ctx->h_ValueError))
                name = "ValueError";
            HPyErr_Clear(ctx);
            result = HPyUnicode_FromString(ctx, name);
        }
        HPyList_Append(ctx, list, result);
        HPy_Close(ctx, result);
    }
    return list;
}

HPyDef_METH(unary, "unary", HPyFunc_O)
static HPy unary_impl(HPyContext *ctx, HPy self, HPy arg)
{
    HPy negative = HPy_Negative(ctx, arg);
    HPy absolute = HPy_IsNull(negative) ? HPy_NULL : HPy_Absolute(ctx, arg);
    HPy repr = HPy_IsNull(absolute) ? HPy_NULL : HPy_Repr(ctx, arg);
    HPy str = HPy_IsNull(repr) ? HPy_NULL : HPy_Str(ctx, arg);
    HPy result = HPy_NULL;
    if (!HPy_IsNull(str))
        result = HPyTuple_Pack(ctx, 4, negative, absolute, repr, str);
    HPy_Close(ctx, negative);
    HPy_Close(ctx, absolute);
    HPy_Close(ctx, repr);
    HPy_Close(ctx, str);
    return result;
}

HPyDef_METH(compare, "compare", HPyFunc_VARARGS)
static HPy compare_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy a, b;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO", &a, &b))
        return HPy_NULL;
    HPy list = HPyList_New(ctx, 0);
    for (int op = HPy_LT; op <= HPy_GE; op++) {
        int result = HPy_RichCompareBool(ctx, a, b, op);
        HPy item;
        if (result < 0) {
            HPyErr_Clear(ctx);
            item = HPy_Dup(ctx, ctx->h_None);
        } else {
            item = HPyBool_FromBool(ctx, result);
        }
        HPyList_Append(ctx, list, item);
        HPy_Close(ctx, item);
    }
    return list;
}

/* ---- containers and attributes --------------------------------------- */

HPyDef_METH(dict_work, "dict_work", HPyFunc_O, .doc = "a dict filled, read, changed and emptied of its argument")
static HPy dict_work_impl(HPyContext *ctx, HPy self, HPy key)
{
    HPy dict = HPyDict_New(ctx);
    HPy one = HPyLong_FromLong(ctx, 1);
    HPy keys = HPy_NULL, value = HPy_NULL, result = HPy_NULL;
    if (HPy_SetItem(ctx, dict, key, one) < 0 || HPy_SetItem_s(ctx, dict, "text", key) < 0 ||
        HPy_SetItem_i(ctx, dict, 7, one) < 0)
        goto done;
    if (HPy_Contains(ctx, dict, key) != 1 || HPy_Length(ctx, dict) != 3 || !HPyDict_Check(ctx, dict)) {
        HPyErr_SetString(ctx, ctx->h_SystemError, "the dict is not what was put in");
        goto done;
    }
    value = HPy_GetItem_s(ctx, dict, "text");
    if (HPy_IsNull(value) || HPy_DelItem(ctx, dict, key) < 0)
        goto done;
    keys = HPyDict_Keys(ctx, dict);
    if (!HPy_IsNull(keys))
        result = HPyTuple_Pack(ctx, 3, dict, keys, value);
done:
    HPy_Close(ctx, dict);
    HPy_Close(ctx, one);
    HPy_Close(ctx, keys);
    HPy_Close(ctx, value);
    return result;
}

HPyDef_METH(attributes, "attributes", HPyFunc_VARARGS, .doc = "set obj.name to value, then (hasattr before, hasattr after, getattr)")
static HPy attributes_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj, name, value;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OOO", &obj, &name, &value))
        return HPy_NULL;
    int before = HPy_HasAttr(ctx, obj, name);
    if (HPy_SetAttr(ctx, obj, name, value) < 0)
        return HPy_NULL;
    int after = HPy_HasAttr(ctx, obj, name);
    HPy got = HPy_GetAttr(ctx, obj, name);
    if (HPy_IsNull(got))
        return HPy_NULL;
    HPy result = HPy_BuildValue(ctx, "iiO", before, after, got);
    HPy_Close(ctx, got);
    return result;
}

HPyDef_METH(get_missing, "get_missing", HPyFunc_O)
static HPy get_missing_impl(HPyContext *ctx, HPy self, HPy obj)
{
    return HPy_GetAttr_s(ctx, obj, "no_such_attribute");
}

HPyDef_METH(items, "items", HPyFunc_O, .doc = "sequence[0], sequence[-1], sequence[len]")
static HPy items_impl(HPyContext *ctx, HPy self, HPy sequence)
{
    HPy first = HPy_GetItem_i(ctx, sequence, 0);
    if (HPy_IsNull(first))
        return HPy_NULL;
    HPy_Close(ctx, first);
    HPy last = HPy_GetItem_i(ctx, sequence, -1);
    if (HPy_IsNull(last))
        return HPy_NULL;
    HPy_Close(ctx, last);
    return HPy_GetItem_i(ctx, sequence, HPy_Length(ctx, sequence));
}

HPyDef_METH(kinds, "kinds", HPyFunc_O, .doc = "which of the exact checks hold, and the type's name")
static HPy kinds_impl(HPyContext *ctx, HPy self, HPy obj)
{
    HPy type = HPy_Type(ctx, obj);
    HPy result = HPy_BuildValue(ctx, "iiiiiiiiis", HPyUnicode_Check(ctx, obj), HPyBytes_Check(ctx, obj),
                                HPyList_Check(ctx, obj), HPyDict_Check(ctx, obj), HPyTuple_Check(ctx, obj),
                                HPyNumber_Check(ctx, obj), HPyCallable_Check(ctx, obj),
                                HPy_TypeCheck(ctx, obj, ctx->h_LongType), HPyType_IsSubtype(ctx, type, ctx->h_BaseObjectType),
                                HPyType_GetName(ctx, type));
    HPy_Close(ctx, type);
    return result;
}

/* ---- calls ----------------------------------------------------------- */

HPyDef_METH(call, "call", HPyFunc_VARARGS, .doc = "call(f, args tuple, kwargs dict or None)")
static HPy call_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy f, positional, named;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OOO", &f, &positional, &named))
        return HPy_NULL;
    return HPy_CallTupleDict(ctx, f, positional, HPy_Is(ctx, named, ctx->h_None) ? HPy_NULL : named);
}

HPyDef_METH(vectorcall, "vectorcall", HPyFunc_VARARGS, .doc = "vectorcall(f, x, y) calls f(x, y=y)")
static HPy vectorcall_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy f, x, y;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OOO", &f, &x, &y))
        return HPy_NULL;
    HPy name = HPyUnicode_FromString(ctx, "y");
    HPy kwnames = HPyTuple_FromArray(ctx, &name, 1);
    HPy call_args[] = {x, y};
    HPy result = HPy_Call(ctx, f, call_args, 1, kwnames);
    HPy_Close(ctx, kwnames);
    HPy_Close(ctx, name);
    return result;
}

HPyDef_METH(call_method, "call_method", HPyFunc_VARARGS, .doc = "call_method(obj, name, arg)")
static HPy call_method_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj, name, arg;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OOO", &obj, &name, &arg))
        return HPy_NULL;
    HPy call_args[] = {obj, arg};
    return HPy_CallMethod(ctx, name, call_args, 2, HPy_NULL);
}

HPyDef_METH(deep_calls, "deep_calls", HPyFunc_VARARGS, .doc = "calls f(n - 1) from C until n is 0")
static HPy deep_calls_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy f;
    long n;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "Ol", &f, &n))
        return HPy_NULL;
    if (n == 0)
        return HPyLong_FromLong(ctx, 0);
    HPy less = HPyLong_FromLong(ctx, n - 1);
    HPy result = HPy_Call(ctx, f, &less, 1, HPy_NULL);
    HPy_Close(ctx, less);
    return result;
}

HPyDef_METH(allocate_loop, "allocate_loop", HPyFunc_O, .doc = "n lists made and dropped in one C loop; what the last one holds")
static HPy allocate_loop_impl(HPyContext *ctx, HPy self, HPy arg)
{
    long n = HPyLong_AsLong(ctx, arg);
    if (n == -1 && HPyErr_Occurred(ctx))
        return HPy_NULL;
    HPy kept = HPyList_New(ctx, 0);
    for (long i = 0; i < n; i++) {
        HPy list = HPyList_New(ctx, 0);
        HPy number = HPyLong_FromLong(ctx, i);
        HPyList_Append(ctx, list, number);
        HPy_Close(ctx, number);
        HPy_Close(ctx, kept);
        kept = list;
    }
    return kept;
}

/* ---- exceptions ------------------------------------------------------ */

HPyDef_METH(fail, "fail", HPyFunc_O, .doc = "raise as asked")
static HPy fail_impl(HPyContext *ctx, HPy self, HPy arg)
{
    long kind = HPyLong_AsLong(ctx, arg);
    switch (kind) {
    case 0: HPyErr_SetString(ctx, ctx->h_ValueError, "a value error from C"); break;
    case 1: HPyErr_SetObject(ctx, ctx->h_KeyError, arg); break;
    case 2: HPyErr_Format(ctx, ctx->h_RuntimeError, "formatted %d %s", 42, "text"); break;
    case 3: return HPyErr_NoMemory(ctx);
    case 4: HPyErr_SetString(ctx, ctx->h_StopIteration, "stop"); break;
    case 5: HPyErr_SetObject(ctx, ctx->h_IndexError, ctx->h_None); break;
    case 6: return HPy_TrueDivide(ctx, arg, ctx->h_False);
    default:
        if (!HPyErr_Occurred(ctx))
            return HPy_Dup(ctx, ctx->h_NotImplemented);
        break;
    }
    return HPy_NULL;
}

HPyDef_METH(catches, "catches", HPyFunc_O, .doc = "call; None if it raised LookupError, the result or another exception otherwise")
static HPy catches_impl(HPyContext *ctx, HPy self, HPy f)
{
    HPy result = HPy_Call(ctx, f, NULL, 0, HPy_NULL);
    if (HPy_IsNull(result) && HPyErr_ExceptionMatches(ctx, ctx->h_LookupError)) {
        HPyErr_Clear(ctx);
        return HPy_Dup(ctx, ctx->h_None);
    }
    return result;
}

/* ---- the module ------------------------------------------------------ */

HPyDef_SLOT(module_exec, HPy_mod_exec)
static int module_exec_impl(HPyContext *ctx, HPy module)
{
    if (!HPyHelpers_AddType(ctx, module, "Pair", &Pair_spec, NULL))
        return -1;
    HPy error = HPyErr_NewExceptionWithDoc(ctx, "battery.Error", "The module's own.", ctx->h_ValueError, HPy_NULL);
    if (HPy_IsNull(error))
        return -1;
    int result = HPy_SetAttr_s(ctx, module, "Error", error);
    HPy_Close(ctx, error);
    HPyGlobal_Store(ctx, &stored, ctx->h_None);
    return result;
}

static HPyDef *defines[] = {
    &module_exec, &dup_close, &hold_over, &utf8_over, &bytes_over, &global_set, &global_get, &destroyed,
    &build_list, &build_tuple, &tracked, &forgotten, &from_array, &parse_all, &parse_keywords, &keywords_seen,
    &ints, &floats, &truth, &text, &arith, &unary, &compare, &dict_work, &attributes, &get_missing, &items,
    &kinds, &call, &vectorcall, &call_method, &deep_calls, &allocate_loop, &fail, &catches, NULL};

static HPyGlobal *globals[] = {&stored, NULL};

static HPyModuleDef moduledef = {
    .doc = "What Sidewinder's tests do through HPy.",
    .size = 0,
    .defines = defines,
    .globals = globals,
};

HPy_MODINIT(battery, moduledef)
