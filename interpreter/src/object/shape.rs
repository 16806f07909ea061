//! Shapes (hidden classes): where an instance keeps its attributes.
//!
//! A shape number in an object's header stands for "instances of this class with these attributes
//! in this order". Adding an attribute moves the instance to a child shape; all instances that add
//! the same attributes in the same order share them. Every class has a root shape; objects that are
//! not plain instances just have the root shape of their class. A *dictionary shape* means that all
//! attributes are in the dict `extra`.
//!
//! Shapes are not heap objects. The table is a root of the collector; a shape's slots change only
//! when it is made, so a minor collection looks only at shapes made since the last one.

use super::{Field, Gc, Kind, Slot, Tracer};
use crate::object::Class;
use crate::value::{Value, word};
use crate::vm::Vm;
use std::cell::{Cell, UnsafeCell};

/// Number of a shape.
pub type ShapeId = u32;

/// Shape numbers fit 18 bits of the header.
pub const MAX_SHAPES: usize = 1 << 18;

/// One shape.
pub struct Shape {
    /// The class of the instances.
    pub class: Slot,
    /// Name of the last attribute (interned), UNBOUND for a root.
    pub name: Slot,
    /// The shape without the last attribute, or 0.
    pub parent: ShapeId,
    first_child: Cell<ShapeId>,
    next_sibling: Cell<ShapeId>,
    /// Number of attributes, `__slots__` included.
    pub count: u16,
    /// How many attributes fit inside the object.
    pub inline: u16,
    /// Layout of the objects.
    pub kind: Kind,
    /// All attributes are in the dict `extra`.
    pub is_dict: bool,
}

/// The table of all shapes of a heap.
#[derive(Default)]
pub struct Shapes {
    table: UnsafeCell<Vec<Shape>>,
    traced: Cell<usize>,
}

impl Shapes {
    /// The shape of that number.
    #[inline(always)]
    pub fn get(&self, id: ShapeId) -> &Shape {
        // SAFETY: the table only grows, through `push`, which hands out no references; shared
        // references from here are not kept across a push (they are used within one operation).
        unsafe { &(&*self.table.get())[id as usize] }
    }

    /// How many shapes there are.
    pub fn len(&self) -> usize {
        // SAFETY: as in `get`.
        unsafe { (*self.table.get()).len() }
    }

    /// Whether there are no shapes yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn push(&self, shape: Shape) -> Option<ShapeId> {
        let id = self.len();
        if id >= MAX_SHAPES {
            return None;
        }
        // SAFETY: no reference into the table is alive here, see `get`.
        unsafe { (*self.table.get()).push(shape) };
        Some(id as ShapeId)
    }

    /// Visits the classes and names; see the module's notes.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        let from = if tracer.is_minor() { self.traced.get() } else { 0 };
        for id in from..self.len() {
            let shape = self.get(id as ShapeId);
            tracer.slot(&shape.class);
            tracer.slot(&shape.name);
        }
        self.traced.set(self.len());
    }
}

impl Vm {
    /// A new root shape. The first calls, in the order of [`crate::builtins::ClassId`], give the
    /// builtin classes their fixed numbers.
    pub(crate) fn new_root_shape(
        &self,
        class: Value<'_>,
        kind: Kind,
        count: u16,
        inline: u16,
        is_dict: bool,
    ) -> ShapeId {
        let shape = Shape {
            class: Slot::new(class.word()),
            name: Slot::new(word::UNBOUND),
            parent: 0,
            first_child: Cell::new(0),
            next_sibling: Cell::new(0),
            count,
            inline,
            kind,
            is_dict,
        };
        self.shapes().push(shape).unwrap_or_else(|| {
            // All 262,144 shape numbers are taken; a class needs at least one of its own.
            panic!("too many classes: the shape table is full")
        })
    }

    /// Sets the class of a root shape that was reserved before its class existed.
    pub(crate) fn set_shape_class(&self, id: ShapeId, class: Gc<'_, Class>) {
        let shape = self.shapes().get(id);
        // SAFETY: the shape table is a root: a slot written before its first trace is traced then.
        unsafe { shape.class.set_word(class.value().word()) };
        self.shapes().traced.set(self.shapes().traced.get().min(id as usize));
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
        if parent.count >= MOST_ATTRIBUTES {
            return None;
        }
        let shape = Shape {
            class: Slot::new(parent.class.word()),
            name: Slot::new(name.word()),
            parent: id,
            first_child: Cell::new(0),
            next_sibling: Cell::new(parent.first_child.get()),
            count: parent.count + 1,
            inline: parent.inline,
            kind: parent.kind,
            is_dict: false,
        };
        let new = shapes.push(shape)?;
        shapes.get(id).first_child.set(new);
        Some(new)
    }

    /// The dictionary shape for objects of this shape's class and size.
    pub fn shape_dict(&self, id: ShapeId) -> ShapeId {
        let (class, kind, inline) = {
            let shape = self.shapes().get(id);
            (shape.class.get(self), shape.kind, shape.inline)
        };
        for other in (1..self.shapes().len() as ShapeId).rev() {
            let shape = self.shapes().get(other);
            if shape.is_dict && shape.class.get(self).is(class) && shape.inline == inline {
                return other;
            }
        }
        self.new_root_shape(class, kind, 0, inline, true)
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
