//! Audit hooks (PEP 578): functions that are told of events such as `open` and `import`.

use super::native::Raised;
use super::stack::Global;
use super::{Local, Vm};
use crate::builtins::ClassId;
use crate::value::Value;
use std::rc::Rc;

/// The hooks, in the order they were added.
#[derive(Default)]
struct AuditHooks(Vec<Rc<Global>>);

impl Vm {
    /// Adds a hook for good.
    pub fn add_audit_hook(&self, hook: Local) {
        let hook = Rc::new(self.global(self.get(hook)));
        self.with_extension(|hooks: &mut AuditHooks| hooks.0.push(hook));
    }

    /// Whether somebody wants to know of events.
    pub fn audited(&self) -> bool {
        self.with_extension(|hooks: &mut AuditHooks| !hooks.0.is_empty())
    }

    /// Tells the hooks of an event. What one of them raises is raised here.
    pub fn audit(&mut self, event: &str, args: &[Local]) -> Result<(), Raised> {
        if !self.audited() {
            return Ok(());
        }
        self.scope(|vm| {
            let event = vm.root(vm.intern(event).value());
            let items: Vec<Value<'_>> = args.iter().map(|&arg| vm.get(arg)).collect();
            let args = vm.root(vm.tuple(&items).value());
            vm.call_audit_hooks(event, args)
        })
    }

    /// The same with the event's name and its arguments, a tuple, as objects.
    pub fn call_audit_hooks(&mut self, event: Local, args: Local) -> Result<(), Raised> {
        let hooks = self.with_extension(|hooks: &mut AuditHooks| hooks.0.clone());
        for hook in hooks {
            self.scope(|vm| {
                let hook = vm.root(vm.get_global(&hook));
                vm.call(hook, &[event, args]).map(|_| ())
            })?;
        }
        Ok(())
    }

    /// `sys.addaudithook(hook)`: the hooks there are may refuse, which nobody is told.
    pub fn offer_audit_hook(&mut self, hook: Local) -> Result<(), Raised> {
        match self.audit("sys.addaudithook", &[]) {
            Ok(()) => {
                self.add_audit_hook(hook);
                Ok(())
            }
            Err(raised) => self.catch(raised, ClassId::Exception),
        }
    }
}
