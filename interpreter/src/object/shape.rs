//! Shapes (hidden classes): where an instance keeps its attributes.
//!
//! A shape number in an object's header stands for "instances of this class with these attributes
//! in this order". Adding an attribute moves the instance to a child shape; all instances that add
//! the same attributes in the same order share them. Every class has a root shape; objects that are
//! not plain instances just have the root shape of their class. A *dictionary shape* means that all
//! attributes are in the dict `extra`.
//!
//! Shapes are not heap objects but entries of a table. In a minor collection the shapes made since the
//! last one are roots. In a major collection the table is weak: what keeps a class made at run time
//! alive is its instances (see [`Objects`](super::model::Objects)) and whoever names it. When a class
//! has died, so have all instances; its shapes' numbers are given out again.

use super::{Field, Gc, Kind, Slot, Tracer};
use crate::object::Class;
use crate::value::{Value, Word, word};
use crate::vm::Vm;
use crate::vm::native::Raised;
use std::cell::{Cell, RefCell, UnsafeCell};

/// Number of a shape.
pub type ShapeId = u32;

/// Shape numbers fit 18 bits of the header.
pub const MAX_SHAPES: usize = 1 << 18;

/// One shape.
pub struct Shape {
    /// The class of the instances; UNBOUND when the number is free.
    pub class: Slot,
    /// Name of the last attribute (interned), UNBOUND for a root.
    pub name: Slot,
    /// The shape without the last attribute, or 0.
    pub parent: ShapeId,
    first_child: Cell<ShapeId>,
    /// Another child of the same parent; of a root, another root of the same class.
    next_sibling: Cell<ShapeId>,
    /// Of a root: the dictionary shape of its class and size, or 0.
    dict: Cell<ShapeId>,
    /// Number of attributes, `__slots__` included.
    pub count: u16,
    /// How many attributes fit inside the object.
    pub inline: u16,
    /// Layout of the objects.
    pub kind: Kind,
    /// All attributes are in the dict `extra`.
    pub is_dict: bool,
    /// The class is declared in Rust and lives as long as the VM.
    is_permanent: bool,
}

impl Shape {
    fn root(class: Value<'_>, kind: Kind, count: u16, inline: u16) -> Shape {
        Shape {
            class: Slot::new(class.word()),
            name: Slot::new(word::UNBOUND),
            parent: 0,
            first_child: Cell::new(0),
            next_sibling: Cell::new(0),
            dict: Cell::new(0),
            count,
            inline,
            kind,
            is_dict: false,
            is_permanent: false,
        }
    }
}

/// The table of all shapes of a heap.
#[derive(Default)]
pub struct Shapes {
    table: UnsafeCell<Vec<Shape>>,
    /// Numbers whose classes have died.
    free: RefCell<Vec<ShapeId>>,
    /// Made since the last collection.
    fresh: RefCell<Vec<ShapeId>>,
    /// Numbers set aside for dictionary shapes: one for each root that has none yet, so that an
    /// instance can always get its dict.
    reserved: Cell<usize>,
}

impl Shapes {
    /// The shape of that number.
    #[inline(always)]
    pub fn get(&self, id: ShapeId) -> &Shape {
        // SAFETY: the table only grows, through `push`, which hands out no references; shared
        // references from here are not kept across a push (they are used within one operation).
        unsafe { &(&*self.table.get())[id as usize] }
    }

    fn len(&self) -> usize {
        // SAFETY: as in `get`.
        unsafe { (*self.table.get()).len() }
    }

    /// How many numbers can still be given out.
    fn room(&self) -> usize {
        (MAX_SHAPES - self.len() + self.free.borrow().len()).saturating_sub(self.reserved.get())
    }

    /// There is a free number, as the caller knows.
    fn push(&self, shape: Shape) -> ShapeId {
        let free = self.free.borrow_mut().pop();
        // SAFETY: no reference into the table is alive here, see `get`.
        let table = unsafe { &mut *self.table.get() };
        let id = free.unwrap_or(table.len() as ShapeId);
        if free.is_some() {
            table[id as usize] = shape;
        } else {
            table.push(shape);
        }
        self.fresh.borrow_mut().push(id);
        id
    }

    /// Visits what a collection takes for roots; see the module's notes.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        if tracer.is_minor() {
            for id in self.fresh.borrow_mut().drain(..) {
                let shape = self.get(id);
                tracer.slot(&shape.class);
                tracer.slot(&shape.name);
            }
            return;
        }
        for id in 0..self.len() {
            let shape = self.get(id as ShapeId);
            tracer.slot(&shape.name);
            if shape.is_permanent {
                tracer.slot(&shape.class);
            }
        }
    }

    /// At the end of a major collection: `resolve` tells where a class that lives is now. Frees the
    /// shapes of the others.
    pub fn sweep(&self, resolve: &dyn Fn(Word) -> Option<Word>) {
        for id in 1..self.len() as ShapeId {
            let shape = self.get(id);
            if shape.is_permanent || shape.class.word() == word::UNBOUND {
                continue;
            }
            let class = resolve(shape.class.word());
            if class.is_none() {
                let has_reserve = shape.parent == 0 && !shape.is_dict && shape.dict.get() == 0;
                self.reserved.set(self.reserved.get() - has_reserve as usize);
                // SAFETY: as below.
                unsafe { shape.name.set_word(word::UNBOUND) };
                self.free.borrow_mut().push(id);
            }
            // SAFETY: slots of the table are no part of an object and need no barrier: what is new
            // is visited because it is fresh, and this is old.
            unsafe { shape.class.set_word(class.unwrap_or(word::UNBOUND)) };
        }
    }

    /// How many numbers wait to be given out again.
    pub fn free_count(&self) -> usize {
        self.free.borrow().len()
    }
}

impl Vm {
    /// A new root shape, of a class that lives as long as the VM. The first calls, in the order of
    /// [`crate::builtins::ClassId`], give the builtin classes their fixed numbers.
    pub(crate) fn permanent_shape(&self, class: Value<'_>, kind: Kind, inline: u16) -> ShapeId {
        let shape = Shape { is_permanent: true, ..Shape::root(class, kind, 0, inline) };
        self.push_root(shape)
    }

    /// A new root shape, of a class made at run time.
    pub(crate) fn root_shape(
        &self,
        class: Value<'_>,
        kind: Kind,
        count: u16,
        inline: u16,
    ) -> Result<ShapeId, Raised> {
        // One for itself, one for its dictionary shape.
        if self.shapes().room() < 2 {
            return Err(self.raise(crate::builtins::ClassId::MemoryError, "too many classes"));
        }
        Ok(self.push_root(Shape::root(class, kind, count, inline)))
    }

    /// Makes an object an instance of another class of the same layout.
    pub(crate) fn set_shape(&self, obj: Value<'_>, shape: ShapeId) {
        let header = obj.header().expect("immediates have builtin classes");
        header.set_shape(shape);
        // A collector that has visited the object already must hear of its new class.
        self.heap.barrier(std::ptr::NonNull::from(header));
    }

    fn push_root(&self, shape: Shape) -> ShapeId {
        let shapes = self.shapes();
        shapes.reserved.set(shapes.reserved.get() + 1);
        shapes.push(shape)
    }

    /// Collects when a new class would find no number for its shape, though some may be free then.
    pub(crate) fn make_room_for_shapes(&mut self) {
        const FEW: usize = 64;
        if self.shapes().room() < FEW {
            self.collect_now();
        }
    }

    /// Sets the class of a root shape that was reserved before its class existed.
    pub(crate) fn set_shape_class(&self, id: ShapeId, class: Gc<'_, Class>) {
        let shape = self.shapes().get(id);
        // SAFETY: a slot of the table, which needs no barrier: it is visited because it is fresh.
        unsafe { shape.class.set_word(class.value().word()) };
        self.shapes().fresh.borrow_mut().push(id);
    }

    /// The shape table.
    #[inline(always)]
    pub fn shapes(&self) -> &Shapes {
        &self.heap.model().shapes
    }

    /// Number of the attribute `name` (interned) in objects of that shape.
    pub fn shape_find(&self, mut id: ShapeId, name: Value<'_>) -> Option<usize> {
        loop {
            let shape = self.shapes().get(id);
            if shape.name.word() == name.word() {
                return Some(shape.count as usize - 1);
            }
            if shape.parent == 0 {
                return None;
            }
            id = shape.parent;
        }
    }

    /// The shape with one more attribute, or `None` when the attributes must go into a dict
    /// (too many of them, or of shapes).
    pub fn shape_add(&self, id: ShapeId, name: Value<'_>) -> Option<ShapeId> {
        const MOST_ATTRIBUTES: u16 = 512;
        let shapes = self.shapes();
        let parent = shapes.get(id);
        let mut child = parent.first_child.get();
        while child != 0 {
            let shape = shapes.get(child);
            if shape.name.word() == name.word() {
                return Some(child);
            }
            child = shape.next_sibling.get();
        }
        if parent.count >= MOST_ATTRIBUTES || shapes.room() == 0 {
            return None;
        }
        let shape = Shape {
            class: Slot::new(parent.class.word()),
            name: Slot::new(name.word()),
            parent: id,
            next_sibling: Cell::new(parent.first_child.get()),
            count: parent.count + 1,
            first_child: Cell::new(0),
            dict: Cell::new(0),
            ..*parent
        };
        let new = shapes.push(shape);
        shapes.get(id).first_child.set(new);
        Some(new)
    }

    /// A root shape of the class for instances with `inline` places inside.
    pub(crate) fn shape_of_size(
        &self,
        class: Gc<'_, Class>,
        inline: u16,
    ) -> Result<ShapeId, Raised> {
        let shapes = self.shapes();
        let mut id = class.shape.get();
        loop {
            let shape = shapes.get(id);
            if shape.inline == inline {
                return Ok(id);
            }
            match shape.next_sibling.get() {
                0 => break,
                next => id = next,
            }
        }
        let last = shapes.get(id);
        let new = self.root_shape(class.value(), last.kind, last.count, inline)?;
        shapes.get(id).next_sibling.set(new);
        Ok(new)
    }

    /// The dictionary shape for objects of this shape's class and size.
    pub fn shape_dict(&self, mut id: ShapeId) -> ShapeId {
        let shapes = self.shapes();
        while shapes.get(id).parent != 0 {
            id = shapes.get(id).parent;
        }
        let root = shapes.get(id);
        if root.is_dict {
            return id;
        }
        if root.dict.get() == 0 {
            let class = root.class.get(self);
            let shape = Shape {
                is_dict: true,
                is_permanent: root.is_permanent,
                ..Shape::root(class, root.kind, 0, root.inline)
            };
            shapes.reserved.set(shapes.reserved.get() - 1);
            let new = shapes.push(shape);
            shapes.get(id).dict.set(new);
        }
        shapes.get(id).dict.get()
    }

    /// Names and numbers of the attributes of that shape, in the order they were added.
    pub fn shape_names(&self, mut id: ShapeId) -> Vec<(Value<'_>, usize)> {
        let mut names = Vec::new();
        loop {
            let shape = self.shapes().get(id);
            if shape.parent == 0 {
                break;
            }
            names.push((shape.name.get(self), shape.count as usize - 1));
            id = shape.parent;
        }
        names.reverse();
        names
    }
}
