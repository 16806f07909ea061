/* An extension that holds on to objects in every way HPy has, while they move.
 *
 * C never sees an address: it holds handles. A handle on the stack (across), an
 * HPyGlobal (keep, kept) and an HPyField inside an object (Box) each go on naming
 * the same object after the collector has put it somewhere else.
 */
#include "hpy.h"

/* An HPyGlobal outlives every call. */
static HPyGlobal kept_object;

HPyDef_METH(keep, "keep", HPyFunc_O, .doc = "Keep an object in an HPyGlobal.")
static HPy keep_impl(HPyContext *ctx, HPy self, HPy obj)
{
    HPyGlobal_Store(ctx, &kept_object, obj);
    return HPy_Dup(ctx, ctx->h_None);
}

HPyDef_METH(kept, "kept", HPyFunc_NOARGS, .doc = "The object that keep() was given.")
static HPy kept_impl(HPyContext *ctx, HPy self)
{
    return HPyGlobal_Load(ctx, kept_object);
}

/* A handle lives as long as the call that owns it, whatever the callback does. */
HPyDef_METH(across, "across", HPyFunc_VARARGS, .doc = "across(obj, callback): hold obj by a handle, call back, return obj.")
static HPy across_impl(HPyContext *ctx, HPy self, const HPy *args, size_t nargs)
{
    HPy obj, callback;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "OO:across", &obj, &callback))
        return HPy_NULL;
    HPy held = HPy_Dup(ctx, obj);
    HPy result = HPy_Call(ctx, callback, NULL, 0, HPy_NULL);
    if (HPy_IsNull(result)) {
        HPy_Close(ctx, held);
        return HPy_NULL;
    }
    HPy_Close(ctx, result);
    return held;
}

/* A Box is a C struct that refers to a Python object: through an HPyField. */
typedef struct {
    HPyField content;
    long opened;
} BoxObject;
HPyType_HELPERS(BoxObject)

HPyDef_SLOT(Box_new, HPy_tp_new)
static HPy Box_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    HPy content;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "O:Box", &content))
        return HPy_NULL;
    BoxObject *box;
    HPy h = HPy_New(ctx, cls, &box);
    if (HPy_IsNull(h))
        return HPy_NULL;
    HPyField_Store(ctx, h, &box->content, content);
    return h;
}

/* How the collector finds the field, and updates it when the content moves. */
HPyDef_SLOT(Box_traverse, HPy_tp_traverse)
static int Box_traverse_impl(void *self, HPyFunc_visitproc visit, void *arg)
{
    BoxObject *box = (BoxObject *)self;
    HPy_VISIT(&box->content);
    return 0;
}

HPyDef_METH(Box_open, "open", HPyFunc_NOARGS, .doc = "The content.")
static HPy Box_open_impl(HPyContext *ctx, HPy self)
{
    BoxObject *box = BoxObject_AsStruct(ctx, self);
    box->opened++;
    return HPyField_Load(ctx, self, box->content);
}

HPyDef_MEMBER(Box_opened, "opened", HPyMember_LONG, offsetof(BoxObject, opened), .readonly = 1)

HPyDef_METH(Box_struct_address, "struct_address", HPyFunc_NOARGS, .doc = "Where the C struct is: it never moves.")
static HPy Box_struct_address_impl(HPyContext *ctx, HPy self)
{
    return HPyLong_FromSize_t(ctx, (size_t)BoxObject_AsStruct(ctx, self));
}

static HPyDef *Box_defines[] = {&Box_new, &Box_traverse, &Box_open, &Box_opened, &Box_struct_address, NULL};

static HPyType_Spec Box_spec = {
    .name = "moving.Box",
    .doc = "Box(content): holds an object in an HPyField.",
    .basicsize = sizeof(BoxObject),
    .builtin_shape = SHAPE(BoxObject),
    .flags = HPy_TPFLAGS_DEFAULT | HPy_TPFLAGS_HAVE_GC,
    .defines = Box_defines,
};

HPyDef_SLOT(moving_exec, HPy_mod_exec)
static int moving_exec_impl(HPyContext *ctx, HPy module)
{
    HPyGlobal_Store(ctx, &kept_object, ctx->h_None);
    return HPyHelpers_AddType(ctx, module, "Box", &Box_spec, NULL) ? 0 : -1;
}

static HPyDef *defines[] = {&moving_exec, &keep, &kept, &across, NULL};
static HPyGlobal *globals[] = {&kept_object, NULL};

static HPyModuleDef moduledef = {
    .doc = "Holds objects while they move.",
    .size = 0,
    .defines = defines,
    .globals = globals,
};

HPy_MODINIT(moving, moduledef)
