/* An extension with a bug: it forgets to close a handle. See docs/hpy.md. */
#include "hpy.h"

HPyDef_METH(total, "total", HPyFunc_O, .doc = "The sum of the numbers in a sequence.")
static HPy total_impl(HPyContext *ctx, HPy self, HPy items)
{
    HPy_ssize_t n = HPy_Length(ctx, items);
    if (n < 0)
        return HPy_NULL;
    HPy total = HPyLong_FromLong(ctx, 0);
    for (HPy_ssize_t i = 0; i < n; i++) {
        HPy item = HPy_GetItem_i(ctx, items, i);
        if (HPy_IsNull(item)) {
            HPy_Close(ctx, total);
            return HPy_NULL;
        }
        if (!HPyNumber_Check(ctx, item))
            continue; /* the bug: `item` is still open */
        HPy sum = HPy_Add(ctx, total, item);
        HPy_Close(ctx, item);
        HPy_Close(ctx, total);
        if (HPy_IsNull(sum))
            return HPy_NULL;
        total = sum;
    }
    return total;
}

static HPyDef *defines[] = {&total, NULL};
static HPyModuleDef moduledef = {.doc = "Sums, and a leak", .defines = defines};
HPy_MODINIT(leak, moduledef)
