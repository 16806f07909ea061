//! `#[derive(Trace)]`: traces every field of a struct, or of the variant that an enum holds.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Field, Fields, GenericParam, Result, parse_quote};

/// Derives `sidewinder_gc::Trace` by tracing every field. `#[trace(skip)]` leaves a field out: only for fields that
/// hold no heap pointer.
#[proc_macro_derive(Trace, attributes(trace))]
pub fn derive_trace(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    expand(input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(mut input: DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let body = match &input.data {
        Data::Struct(data) => {
            let (pattern, calls) = fields(&data.fields)?;
            quote! { let #name #pattern = *self; #calls }
        }
        Data::Enum(data) => {
            let arms = data
                .variants
                .iter()
                .map(|variant| {
                    let ident = &variant.ident;
                    let (pattern, calls) = fields(&variant.fields)?;
                    Ok(quote! { #name::#ident #pattern => { #calls } })
                })
                .collect::<Result<Vec<_>>>()?;
            quote! { match *self { #(#arms)* } }
        }
        Data::Union(_) => {
            return Err(Error::new_spanned(name, "Trace cannot be derived for a union"));
        }
    };
    for parameter in &mut input.generics.params {
        if let GenericParam::Type(parameter) = parameter {
            parameter.bounds.push(parse_quote!(::sidewinder_gc::Trace));
        }
    }
    let (generics, arguments, condition) = input.generics.split_for_impl();
    let name = &input.ident;
    Ok(quote! {
        // SAFETY: every field that is not marked `skip` is traced, and nothing else is done.
        unsafe impl #generics ::sidewinder_gc::Trace for #name #arguments #condition {
            #[inline(always)]
            fn trace(&self, tracer: &mut ::sidewinder_gc::Tracer<'_>) {
                let _ = &tracer;
                #body
            }
        }
    })
}

/// A pattern that binds the traced fields, and the calls that trace them.
fn fields(fields: &Fields) -> Result<(TokenStream, TokenStream)> {
    let mut bindings = Vec::new();
    let mut calls = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        let binding = format_ident!("field_{}", i);
        let skip = skipped(field)?;
        let bound = if skip { quote!(_) } else { quote!(ref #binding) };
        bindings.push(match &field.ident {
            Some(ident) => quote!(#ident: #bound),
            None => bound,
        });
        if !skip {
            calls.push(quote!(::sidewinder_gc::Trace::trace(#binding, tracer);));
        }
    }
    let pattern = match fields {
        Fields::Named(_) => quote!({ #(#bindings),* }),
        Fields::Unnamed(_) => quote!(( #(#bindings),* )),
        Fields::Unit => quote!(),
    };
    Ok((pattern, quote!(#(#calls)*)))
}

fn skipped(field: &Field) -> Result<bool> {
    let mut skip = false;
    for attribute in &field.attrs {
        if attribute.path().is_ident("trace") {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("skip") {
                    skip = true;
                    Ok(())
                } else {
                    Err(meta.error("the one thing known here is `skip`"))
                }
            })?;
        }
    }
    Ok(skip)
}
