//! The places at which the sources can be changed, and the changes.

use std::collections::BTreeSet;

use proc_macro2::Span;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, Lit, parse_quote, spanned::Spanned};

/// A place at which the sources can be changed.
pub struct Mutant {
    pub room: usize,
    pub number: bool,
    pub place: String,
    pub what: String,
}

pub struct Walk<'a> {
    pub file: &'a str,
    pub room: usize,
    /// The constants that are numbers.
    pub constants: &'a BTreeSet<String>,
    pub found: Vec<Mutant>,
    /// The number of the first mutant of this file.
    pub from: usize,
    pub chosen: &'a BTreeSet<usize>,
}

impl Walk<'_> {
    /// Notes a mutant; its number, where it is to be put in.
    fn mutant(&mut self, at: Span, what: String, number: bool) -> Option<u32> {
        let id = self.from + self.found.len();
        let place = format!("src/{}:{}", self.file, at.start().line);
        self.found.push(Mutant { room: self.room, number, place, what });
        self.chosen.contains(&id).then(|| u32::try_from(id).unwrap())
    }

    fn body(&mut self, signature: &syn::Signature, body: &mut syn::Block) {
        let returned = match &signature.output {
            syn::ReturnType::Default => "()".to_string(),
            syn::ReturnType::Type(_, of) => of.to_token_stream().to_string().replace(' ', ""),
        };
        let instead: &[&str] = match returned.as_str() {
            "()" => &["()"],
            "bool" => &["true", "false"],
            "f64" => &["0.0", "1.0"],
            "usize" | "u8" | "u32" | "u64" => &["0", "1"],
            "String" => &["String::from(\"xyzzy\")"],
            "Option<f64>" => &["None", "Some(1.0)"],
            of if of.starts_with("Option<") => &["None"],
            of if of.starts_with("Vec<") => &["Vec::new()"],
            _ => &[],
        };
        let mut first: Vec<syn::Stmt> = Vec::new();
        for value in instead {
            let what = format!("{} gives {value}", signature.ident);
            if let Some(id) = self.mutant(signature.span(), what, false) {
                let value: Expr = syn::parse_str(value).unwrap();
                first.push(parse_quote!(if crate::mutant::on(#id) { return #value; }));
            }
        }
        visit_mut::visit_block_mut(self, body);
        body.stmts.splice(0..0, first);
    }

    fn binary(&mut self, node: &mut Expr) {
        let Expr::Binary(binary) = &*node else { return };
        let (at, op) = (binary.op.span(), binary.op);
        let others: &[&str] = match op.to_token_stream().to_string().as_str() {
            "+" => &["-", "*"],
            "-" => &["+", "/"],
            "*" => &["/", "+"],
            "/" => &["*", "%"],
            "+=" => &["-=", "*="],
            "-=" => &["+=", "/="],
            "*=" => &["/=", "+="],
            "/=" => &["*=", "%="],
            "<" => &["<=", ">"],
            "<=" => &["<", ">"],
            ">" => &[">=", "<"],
            ">=" => &[">", "<"],
            "==" => &["!="],
            "!=" => &["=="],
            "&&" if !has_let(node) => &["||"],
            "||" => &["&&"],
            _ => &[],
        };
        let ids: Vec<(u32, BinOp)> = others
            .iter()
            .filter_map(|other| {
                let id = self.mutant(at, format!("{} for {}", other, op.to_token_stream()), false)?;
                Some((id, syn::parse_str(other).unwrap()))
            })
            .collect();
        let Expr::Binary(binary) = node else { return };
        // The place that a compound assignment changes is written once for each mutant: it stays as it is.
        let compound =
            others.first().is_some_and(|other| other.len() == 2 && other.ends_with('=') && !"<=>=!===".contains(other));
        if !compound {
            self.visit_expr_mut(&mut binary.left);
        }
        self.visit_expr_mut(&mut binary.right);
        if ids.is_empty() {
            return;
        }
        let (left, right) = (&binary.left, &binary.right);
        *node = match op {
            BinOp::And(_) => {
                let (id, _) = ids[0];
                parse_quote!((match #left { l => if l == crate::mutant::on(#id) { l } else { #right } }))
            }
            BinOp::Or(_) => {
                let (id, _) = ids[0];
                parse_quote!((match #left { l => if l != crate::mutant::on(#id) { l } else { #right } }))
            }
            _ if compound => {
                let changed = ids.iter().map(|(id, other)| quote!(if crate::mutant::on(#id) { #left #other r; } else));
                parse_quote!(({ let r = #right; #(#changed)* { #left #op r; } }))
            }
            BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_) | BinOp::Eq(_) | BinOp::Ne(_) => {
                let changed = ids.iter().map(|(id, other)| quote!(if crate::mutant::on(#id) { *l #other *r } else));
                parse_quote!((match (&(#left), &(#right)) { (l, r) => #(#changed)* { *l #op *r } }))
            }
            _ => {
                let changed = ids.iter().map(|(id, other)| quote!(if crate::mutant::on(#id) { l #other r } else));
                parse_quote!((match (#left, #right) { (l, r) => #(#changed)* { l #op r } }))
            }
        };
    }
}

/// Whether a condition binds names: its parts cannot be taken apart.
fn has_let(of: &Expr) -> bool {
    match of {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        Expr::Paren(inner) => has_let(&inner.expr),
        _ => false,
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|of| of.path().is_ident("test") || of.to_token_stream().to_string().replace(' ', "").contains("cfg(test"))
}

/// Whether a number is worth a change: not 0 or 1, nor a tolerance.
pub fn is_worth(literal: &Lit) -> bool {
    match literal {
        Lit::Int(of) => of.base10_parse::<u128>().is_ok_and(|value| (2..1_000_000).contains(&value)),
        Lit::Float(of) => of.base10_parse::<f64>().is_ok_and(|value| (1e-3..1e6).contains(&value) && value != 1.0),
        _ => false,
    }
}

impl VisitMut for Walk<'_> {
    fn visit_item_mut(&mut self, item: &mut syn::Item) {
        match item {
            syn::Item::Fn(of) if !is_test(&of.attrs) && of.sig.constness.is_none() => self.body(&of.sig, &mut of.block),
            syn::Item::Mod(of) if !is_test(&of.attrs) => visit_mut::visit_item_mod_mut(self, of),
            syn::Item::Impl(of) if !is_test(&of.attrs) => visit_mut::visit_item_impl_mut(self, of),
            _ => {}
        }
    }
    fn visit_impl_item_fn_mut(&mut self, of: &mut syn::ImplItemFn) {
        if !is_test(&of.attrs) && of.sig.constness.is_none() {
            self.body(&of.sig, &mut of.block);
        }
    }
    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
    fn visit_path_mut(&mut self, _: &mut syn::Path) {}
    fn visit_angle_bracketed_generic_arguments_mut(&mut self, _: &mut syn::AngleBracketedGenericArguments) {}
    fn visit_pat_mut(&mut self, _: &mut syn::Pat) {}
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}

    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        if let Some((_, guard)) = &mut arm.guard
            && !has_let(guard)
        {
            let always = self.mutant(guard.span(), "guard always".into(), false);
            let never = self.mutant(guard.span(), "guard never".into(), false);
            self.visit_expr_mut(guard);
            for (id, is) in [(always, true), (never, false)] {
                if let Some(id) = id {
                    **guard = parse_quote!((if crate::mutant::on(#id) { #is } else { #guard }));
                }
            }
        }
        self.visit_expr_mut(&mut arm.body);
    }

    fn visit_expr_mut(&mut self, node: &mut Expr) {
        match node {
            Expr::Binary(_) => self.binary(node),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Not(_) | syn::UnOp::Neg(_)) => {
                let op = unary.op;
                let id = self.mutant(op.span(), format!("no {}", op.to_token_stream()), false);
                self.visit_expr_mut(&mut unary.expr);
                let inner = &unary.expr;
                if let Some(id) = id {
                    *node = parse_quote!((match #inner { v => if crate::mutant::on(#id) { v } else { #op v } }));
                }
            }
            Expr::Lit(literal) if is_worth(&literal.lit) => {
                if let Some(id) = self.mutant(literal.span(), format!("near {}", literal.to_token_stream()), true) {
                    *node = parse_quote!(crate::mutant::near(#id, #literal));
                }
            }
            Expr::Path(path)
                if path.path.segments.last().is_some_and(|of| self.constants.contains(&of.ident.to_string())) =>
            {
                if let Some(id) = self.mutant(path.span(), format!("near {}", path.to_token_stream()), true) {
                    *node = parse_quote!(crate::mutant::near(#id, #path));
                }
            }
            Expr::Index(index) if matches!(*index.index, Expr::Lit(_)) => self.visit_expr_mut(&mut index.expr),
            Expr::Repeat(repeat) => self.visit_expr_mut(&mut repeat.expr),
            Expr::Const(_) => {}
            _ => visit_mut::visit_expr_mut(self, node),
        }
    }
}
