/* Runs a program of random calls of the context: three bytes each, what to do and with which of 16
   handles. Nothing is checked here, so most programs misuse HPy. See tests/hpy/fuzz.py. */
#include "hpy.h"

#define SLOTS 16

typedef struct {
    HPyField field;
    long number;
} Box;
HPyType_HELPERS(Box)

HPyDef_SLOT(Box_traverse, HPy_tp_traverse)
static int Box_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    HPy_VISIT(&((Box *)self)->field);
    return 0;
}
static HPyDef *Box_defines[] = {&Box_traverse, NULL};
static HPyType_Spec Box_spec = {
    .name = "fuzz.Box",
    .basicsize = sizeof(Box),
    .builtin_shape = SHAPE(Box),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC,
    .defines = Box_defines,
};
static HPyGlobal box_type;

HPyDef_METH(run, "run", HPyFunc_VARARGS)
static HPy run_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy slots[SLOTS];
    HPyListBuilder list = HPyListBuilder_New(ctx, 3);
    HPyTupleBuilder tuple = HPyTupleBuilder_New(ctx, 3);
    for (int i = 0; i < SLOTS; i++)
        slots[i] = HPy_NULL;
    slots[0] = HPy_Dup(ctx, ctx->h_None);
    slots[1] = HPyLong_FromLong(ctx, 5);
    slots[2] = HPyList_New(ctx, 2);
    slots[3] = HPyUnicode_FromString(ctx, "text");
    slots[4] = HPyDict_New(ctx);
    for (size_t i = 1; i < nargs && i < 8; i++)
        slots[4 + i] = args[i];
    HPy_ssize_t n = HPyBytes_Size(ctx, args[0]);
    unsigned char program[3000];
    const char *text = HPyBytes_AsString(ctx, args[0]);
    for (HPy_ssize_t i = 0; i < n && i < 3000; i++)
        program[i] = (unsigned char)text[i];
    for (HPy_ssize_t i = 0; i + 2 < n && i + 2 < 3000; i += 3) {
        HPy *to = &slots[program[i + 1] % SLOTS];
        HPy a = *to;
        HPy b = slots[program[i + 2] % SLOTS];
        long k = program[i + 2];
        switch (program[i] % 52) {
        case 0: *to = HPy_Dup(ctx, b); break;
        case 1: HPy_Close(ctx, a); break;
        case 2: HPy_Close(ctx, a); *to = HPy_NULL; break;
        case 3: *to = HPyLong_FromLong(ctx, k << (k % 60)); break;
        case 4: *to = HPyFloat_FromDouble(ctx, k / 3.0); break;
        case 5: *to = HPyUnicode_FromString(ctx, "something"); break;
        case 6: *to = HPyList_New(ctx, k % 5); break;
        case 7: *to = HPyDict_New(ctx); break;
        case 8: HPyList_Append(ctx, a, b); break;
        case 9: *to = HPy_Add(ctx, a, b); break;
        case 10: *to = HPy_Multiply(ctx, a, b); break;
        case 11: *to = HPy_GetItem_i(ctx, b, k % 4); break;
        case 12: HPy_SetItem_i(ctx, a, k % 4, b); break;
        case 13: *to = HPy_GetAttr_s(ctx, b, "__class__"); break;
        case 14: *to = HPy_Repr(ctx, b); break;
        case 15: HPy_Length(ctx, a); break;
        case 16: HPyErr_Clear(ctx); break;
        case 17: HPyErr_SetString(ctx, ctx->h_ValueError, "fuzz"); break;
        case 18: *to = HPy_Type(ctx, b); break;
        case 19: HPy_TypeCheck(ctx, a, b); break;
        case 20: *to = HPyTuple_FromArray(ctx, slots, 2); break;
        case 21: HPy_Hash(ctx, a); break;
        case 22: HPy_IsTrue(ctx, a); break;
        case 23: HPy_RichCompareBool(ctx, a, b, HPy_EQ); break;
        case 24: *to = HPy_CallTupleDict(ctx, b, HPy_NULL, HPy_NULL); break;
        case 25: HPyListBuilder_Set(ctx, list, k % 4, a); break;
        case 26: *to = HPyListBuilder_Build(ctx, list); break;
        case 27: HPyTupleBuilder_Set(ctx, tuple, k % 4, a); break;
        case 28: *to = HPyTupleBuilder_Build(ctx, tuple); break;
        case 29: HPyTupleBuilder_Cancel(ctx, tuple); break;
        case 30: {
            HPy type = HPyGlobal_Load(ctx, box_type);
            Box *box;
            *to = HPy_New(ctx, type, &box);
            HPy_Close(ctx, type);
            break;
        }
        case 31: {
            Box *box = Box_AsStruct(ctx, a);
            if (box != NULL)
                HPyField_Store(ctx, a, &box->field, b);
            break;
        }
        case 32: {
            Box *box = Box_AsStruct(ctx, b);
            if (box != NULL && !HPyField_IsNull(box->field))
                *to = HPyField_Load(ctx, b, box->field);
            break;
        }
        case 33: {
            HPyTracker t = HPyTracker_New(ctx, 0);
            HPyTracker_Add(ctx, t, a);
            HPyTracker_Add(ctx, t, b);
            HPyTracker_Close(ctx, t);
            break;
        }
        case 34: HPy_Contains(ctx, a, b); break;
        case 35: HPyLong_AsLong(ctx, a); break;
        case 36: HPyUnicode_AsUTF8AndSize(ctx, a, NULL); break;
        case 37: *to = HPy_GetItem(ctx, b, a); break;
        case 38: HPy_SetItem(ctx, a, b, b); break;
        case 39: HPy_DelItem(ctx, a, b); break;
        case 40: *to = HPyUnicode_Substring(ctx, b, k % 7, k % 11); break;
        case 41: *to = HPyErr_NewException(ctx, "fuzz.Error", b, HPy_NULL); break;
        case 42: *to = HPyCapsule_New(ctx, program, "fuzz", NULL); break;
        case 43: HPyCapsule_GetPointer(ctx, a, "fuzz"); break;
        case 44: *to = HPyContextVar_New(ctx, "var", b); break;
        case 45: *to = HPyContextVar_Set(ctx, b, b); break;
        case 46: *to = HPy_InPlacePower(ctx, a, b, slots[1]); break;
        case 47: HPyErr_WriteUnraisable(ctx, a); break;
        /* Handles made up, of other numbers than any that was given out. */
        case 48: to->_i += 8 * (k - 100); break;
        case 49: to->_i = ((intptr_t)k << (k % 60)) & ~(intptr_t)7; break;
        case 50: *to = HPyUnicode_DecodeASCII(ctx, text, k % 9, NULL); break;
        case 51: *to = HPyDict_Keys(ctx, b); break;
        }
    }
    HPyErr_Clear(ctx);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_SLOT(exec, HPy_mod_exec)
static int exec_impl(HPyContext *ctx, HPy mod)
{
    HPy type = HPyType_FromSpec(ctx, &Box_spec, NULL);
    if (HPy_IsNull(type))
        return -1;
    HPyGlobal_Store(ctx, &box_type, type);
    HPy_Close(ctx, type);
    return 0;
}

static HPyDef *defines[] = {&exec, &run, NULL};
static HPyGlobal *globals[] = {&box_type, NULL};
static HPyModuleDef moduledef = {.doc = "Random calls", .defines = defines, .globals = globals};
HPy_MODINIT(fuzz, moduledef)
