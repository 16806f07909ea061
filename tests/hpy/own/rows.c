/* Buffers with suboffsets: arrays of pointers to rows, as imaging libraries have them. */
#include "hpy.h"

#include <stdlib.h>

/* Planes, rows and items; each plane and each row is a piece of memory of its own. */
enum { PLANES = 2, ROWS = 3, ITEMS = 4, PADDING = 1 };

typedef struct {
    short **planes[PLANES];
    short *row_list[PLANES * ROWS];
    HPy_ssize_t shape[3], strides[3], suboffsets[3];
    long kind, lent;
} GridObject;
HPyType_HELPERS(GridObject)

/* What a Grid lends. */
enum {
    CUBE,     /* pointers to planes, which are pointers to rows */
    TABLE,    /* pointers to rows, whose items are behind some padding */
    BACKWARD, /* the same with the items of rows, and the rows, from the last to the first */
    COLUMN,   /* pointers to single items */
    PLAIN,    /* suboffsets that are all negative: no pointers */
    EMPTY     /* no rows */
};

HPyDef_SLOT(Grid_new, HPy_tp_new)
static HPy Grid_new_impl(HPyContext *ctx, HPy cls, const HPy *args, HPy_ssize_t nargs, HPy kw)
{
    long kind;
    GridObject *grid;
    if (!HPyArg_Parse(ctx, NULL, args, nargs, "l", &kind))
        return HPy_NULL;
    HPy h = HPy_New(ctx, cls, &grid);
    if (HPy_IsNull(h))
        return HPy_NULL;
    grid->kind = kind;
    for (int p = 0; p < PLANES; p++) {
        grid->planes[p] = malloc(ROWS * sizeof(short *));
        for (int r = 0; r < ROWS; r++) {
            short *row = malloc((PADDING + ITEMS) * sizeof(short));
            row[0] = -1;
            for (int i = 0; i < ITEMS; i++)
                row[PADDING + i] = (short)(100 * p + 10 * r + i);
            grid->planes[p][r] = grid->row_list[p * ROWS + r] = row;
        }
    }
    return h;
}

HPyDef_SLOT(Grid_destroy, HPy_tp_destroy)
static void Grid_destroy_impl(void *self)
{
    GridObject *grid = (GridObject *)self;
    for (int p = 0; p < PLANES; p++)
        free(grid->planes[p]);
    for (int i = 0; i < PLANES * ROWS; i++)
        free(grid->row_list[i]);
}

static void dimension(GridObject *grid, int d, HPy_ssize_t len, HPy_ssize_t stride, HPy_ssize_t suboffset)
{
    grid->shape[d] = len;
    grid->strides[d] = stride;
    grid->suboffsets[d] = suboffset;
}

HPyDef_SLOT(Grid_getbuffer, HPy_bf_getbuffer)
static int Grid_getbuffer_impl(HPyContext *ctx, HPy self, HPy_buffer *buf, int flags)
{
    GridObject *grid = GridObject_AsStruct(ctx, self);
    const HPy_ssize_t pointer = sizeof(short *), item = sizeof(short), padding = PADDING * sizeof(short);
    buf->buf = grid->row_list;
    buf->ndim = 2;
    switch (grid->kind) {
    case CUBE:
        buf->buf = grid->planes;
        buf->ndim = 3;
        dimension(grid, 0, PLANES, pointer, 0);
        dimension(grid, 1, ROWS, pointer, padding);
        dimension(grid, 2, ITEMS, item, -1);
        break;
    case TABLE:
        dimension(grid, 0, PLANES * ROWS, pointer, padding);
        dimension(grid, 1, ITEMS, item, -1);
        break;
    case BACKWARD:
        buf->buf = grid->row_list + PLANES * ROWS - 1;
        dimension(grid, 0, PLANES * ROWS, -pointer, padding + (ITEMS - 1) * item);
        dimension(grid, 1, ITEMS, -item, -1);
        break;
    case COLUMN:
        buf->ndim = 1;
        dimension(grid, 0, PLANES * ROWS, pointer, padding);
        break;
    case PLAIN:
        buf->buf = grid->row_list[1] + PADDING;
        buf->ndim = 1;
        dimension(grid, 0, ITEMS, item, -1);
        break;
    default:
        dimension(grid, 0, 0, pointer, 0);
        dimension(grid, 1, ITEMS, item, -1);
    }
    buf->len = item;
    for (int d = 0; d < buf->ndim; d++)
        buf->len *= grid->shape[d];
    buf->itemsize = item;
    buf->readonly = 0;
    buf->format = "h";
    buf->shape = grid->shape;
    buf->strides = grid->strides;
    buf->suboffsets = grid->suboffsets;
    buf->internal = NULL;
    buf->obj = HPy_Dup(ctx, self);
    grid->lent++;
    return 0;
}

HPyDef_SLOT(Grid_releasebuffer, HPy_bf_releasebuffer)
static void Grid_releasebuffer_impl(HPyContext *ctx, HPy self, HPy_buffer *buf)
{
    GridObject_AsStruct(ctx, self)->lent--;
}

HPyDef_MEMBER(Grid_lent, "lent", HPyMember_LONG, offsetof(GridObject, lent), .readonly = 1)

HPyDef_METH(Grid_row, "row", HPyFunc_O, .doc = "the items of a row, as C sees them")
static HPy Grid_row_impl(HPyContext *ctx, HPy self, HPy arg)
{
    short *row = GridObject_AsStruct(ctx, self)->row_list[HPyLong_AsLong(ctx, arg)];
    HPyTupleBuilder builder = HPyTupleBuilder_New(ctx, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        HPy h = HPyLong_FromLong(ctx, row[PADDING + i]);
        HPyTupleBuilder_Set(ctx, builder, i, h);
        HPy_Close(ctx, h);
    }
    return HPyTupleBuilder_Build(ctx, builder);
}

static HPyDef *grid_defines[] = {
    &Grid_new, &Grid_destroy, &Grid_getbuffer, &Grid_releasebuffer, &Grid_lent, &Grid_row, NULL
};
static HPyType_Spec grid_spec = {
    .name = "rows.Grid",
    .basicsize = sizeof(GridObject),
    .builtin_shape = SHAPE(GridObject),
    .defines = grid_defines,
};

HPyDef_SLOT(exec, HPy_mod_exec)
static int exec_impl(HPyContext *ctx, HPy module)
{
    HPy type = HPyType_FromSpec(ctx, &grid_spec, NULL);
    if (HPy_IsNull(type))
        return -1;
    int status = HPy_SetAttr_s(ctx, module, "Grid", type);
    HPy_Close(ctx, type);
    return status;
}

static HPyDef *defines[] = {&exec, NULL};
static HPyModuleDef moduledef = {.doc = "Buffers with suboffsets", .defines = defines};
HPy_MODINIT(rows, moduledef)
