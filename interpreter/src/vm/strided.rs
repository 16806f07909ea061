//! How the items of a memory are laid out: lengths and strides of dimensions, and rows that lie
//! apart.

use std::cell::Cell;
use std::rc::Rc;

/// One dimension of a view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dim {
    /// Number of items.
    pub len: usize,
    /// Bytes from one item to the next.
    pub stride: isize,
}

/// How the bytes of a view are laid out.
#[derive(Clone, Debug)]
pub struct Strided {
    /// The format of an item, as in module struct.
    pub format: Rc<str>,
    /// Size of an item in bytes.
    pub itemsize: usize,
    /// Dimensions, outermost first.
    pub dims: Vec<Dim>,
    /// Where the first item starts in the exporter's memory.
    pub start: usize,
    /// Where that memory is when it does not lie in one piece.
    pub rows: Option<Rc<Rows>>,
}

impl Strided {
    /// Plain bytes.
    pub fn bytes(len: usize) -> Strided {
        Strided::items("B", 1, len)
    }

    /// Items of one format, one after the other.
    pub fn items(format: &str, itemsize: usize, len: usize) -> Strided {
        let dims = vec![Dim { len, stride: itemsize as isize }];
        Strided { format: format.into(), itemsize, dims, start: 0, rows: None }
    }

    /// The same memory as items in C order with the given lengths of dimensions.
    pub fn shaped(format: &str, itemsize: usize, start: usize, lens: &[usize]) -> Strided {
        let mut stride = itemsize as isize;
        let mut dims: Vec<Dim> = Vec::with_capacity(lens.len());
        for &len in lens.iter().rev() {
            dims.push(Dim { len, stride });
            stride *= len as isize;
        }
        dims.reverse();
        Strided { format: format.into(), itemsize, dims, start, rows: None }
    }

    /// Number of items.
    pub fn count(&self) -> usize {
        self.dims.iter().map(|d| d.len).product()
    }

    /// Number of bytes in the items.
    pub fn nbytes(&self) -> usize {
        self.count() * self.itemsize
    }

    fn contiguous<'a>(&self, innermost_first: impl Iterator<Item = &'a Dim>) -> bool {
        let mut stride = self.itemsize as isize;
        self.rows.is_none()
            && (self.count() == 0
                || innermost_first.into_iter().all(|dim| {
                    let fits = dim.len == 1 || dim.stride == stride;
                    stride *= dim.len as isize;
                    fits
                }))
    }

    /// Whether the items follow each other with the last index running fastest.
    pub fn is_c_contiguous(&self) -> bool {
        self.contiguous(self.dims.iter().rev())
    }

    /// Whether the items follow each other with the first index running fastest.
    pub fn is_f_contiguous(&self) -> bool {
        self.contiguous(self.dims.iter())
    }

    /// Calls `f` with the offset of every item; the last index runs fastest, or the first one.
    pub fn each(&self, first_fastest: bool, mut f: impl FnMut(usize)) {
        if self.count() == 0 {
            return;
        }
        let mut dims = self.dims.clone();
        if first_fastest {
            dims.reverse();
        }
        let mut index = vec![0usize; dims.len()];
        let mut at = self.start as isize;
        loop {
            f(at as usize);
            let mut d = dims.len();
            loop {
                if d == 0 {
                    return;
                }
                d -= 1;
                index[d] += 1;
                at += dims[d].stride;
                if index[d] < dims[d].len {
                    break;
                }
                at -= dims[d].stride * dims[d].len as isize;
                index[d] = 0;
            }
        }
    }

    /// Whether every item lies within a memory of `len` bytes.
    pub(super) fn fits(&self, len: usize) -> bool {
        if self.count() == 0 {
            return self.start <= len;
        }
        let (mut low, mut high) = (self.start as i128, (self.start + self.itemsize) as i128);
        for dim in &self.dims {
            let span = dim.stride as i128 * (dim.len as i128 - 1);
            if span < 0 { low += span } else { high += span }
        }
        low >= 0 && high <= len as i128
    }
}

/// Memory in rows that lie apart, as pointers to rows reach it (`suboffsets` in C). A view's offsets
/// count as if the rows followed each other, the last index of the dimensions of pointers running
/// fastest.
#[derive(Debug)]
pub struct Rows {
    /// Where each row's memory starts.
    pub starts: Vec<*mut u8>,
    /// Bytes of a row.
    pub len: usize,
    /// For each dimension what is added to the pointer found there; negative: there is none.
    pub suboffsets: Vec<isize>,
    /// For the dimensions that lead to a row: the stride in offsets of a view, and the true one in
    /// the memory of the pointers. Empty when there are no rows.
    pub strides: Vec<(isize, isize)>,
}

impl Rows {
    /// The bytes at an offset, within one row.
    ///
    /// # Safety
    /// The rows are still lent.
    pub(super) unsafe fn bytes<'a>(&self, at: usize, len: usize) -> &'a [Cell<u8>] {
        let (row, at) = (at / self.len.max(1), at % self.len.max(1));
        assert!(at + len <= self.len, "an item lies in one row");
        // SAFETY: inside the row, which is memory until it is given back.
        unsafe { std::slice::from_raw_parts(self.starts[row].add(at).cast(), len) }
    }

    /// Bytes of all rows.
    pub(super) fn size(&self) -> usize {
        self.starts.len() * self.len
    }

    /// The stride of dimension `d` of a view in true bytes.
    fn true_stride(&self, d: usize, stride: isize) -> isize {
        match self.strides.get(d) {
            Some((in_view, of_pointers)) => stride / in_view * of_pointers,
            None => stride,
        }
    }
}

impl Strided {
    /// The strides as whoever lent the memory counts them.
    pub fn strides(&self) -> impl ExactSizeIterator<Item = isize> {
        self.dims.iter().enumerate().map(|(d, dim)| match &self.rows {
            Some(rows) => rows.true_stride(d, dim.stride),
            None => dim.stride,
        })
    }

    /// What is added to the pointers found in each dimension; empty when the memory is in one piece.
    pub fn suboffsets(&self) -> &[isize] {
        self.rows.as_ref().map_or(&[], |rows| &rows.suboffsets)
    }
}
