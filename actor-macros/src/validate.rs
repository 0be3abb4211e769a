//! The rules that more than one token makes or breaks.

use crate::attrs::is_actor;
use crate::errors::{self, Errors};
use crate::lifetimes::{find_elided, owned_of};
use crate::model::{ActorDef, ActorImpl, Hook, Message, Moment, Outcome, Protocol, Receiver, Reply};
use crate::show::show;
use crate::types::{is_bare, peel};
use syn::{Attribute, Generics};

pub(crate) fn actor_def(def: &ActorDef, errors: &mut Errors) {
    once(&def.attrs, errors);
    no_lifetimes(&def.generics, errors);
    for borrow in def.fields.iter().filter_map(find_elided) {
        errors.push(&borrow, errors::field_borrows(&show(&borrow), &borrow.owned()));
    }
    for field in def.fields.iter().filter(|field| is_bare(field)) {
        errors.push(field, errors::field_no_size(&show(field), &owned_of(peel(field))));
    }
}

pub(crate) fn actor_impl(block: &ActorImpl, errors: &mut Errors) {
    once(&block.attrs, errors);
    if let Some(trait_) = &block.trait_ {
        let name = show(trait_);
        // As in libraries where these are what makes an actor.
        let makes_actors = trait_
            .segments
            .last()
            .is_some_and(|last| ["Actor", "Handler", "Message"].iter().any(|name| last.ident == name));
        return errors.push(
            trait_,
            match makes_actors {
                true => errors::on_actor_impl(&name, &show(&block.self_ty)),
                false => errors::on_trait_impl(&name),
            },
        );
    }
    if block.is_foreign() {
        errors.push(&block.self_ty, errors::foreign_type(&show(&block.self_ty)));
    } else if block.actor.is_none() {
        errors.push(&block.self_ty, errors::not_a_path(&show(&block.self_ty)));
    }
    // An actor with a lifetime of its own is the error of its struct.
    if !block.has_lifetime_arguments() {
        no_lifetimes(&block.generics, errors);
    }
    messages(&block.messages, errors);
    hooks(block, errors);
}

fn messages(messages: &[Message], errors: &mut Errors) {
    for message in messages {
        policy(message, errors);
        if ["into", "try_into"].iter().any(|name| message.name == name) {
            errors.push(&message.name, errors::by_value_of_prelude(&message.name));
        }
    }
    names(messages, errors);
}

pub(crate) fn protocol(protocol: &Protocol, errors: &mut Errors) {
    let Protocol { ident, block, .. } = protocol;
    once(&block.attrs, errors);
    for param in block.generics.lifetimes() {
        errors.push(&param.lifetime, errors::protocol_lifetime(&param.lifetime));
    }
    for message in &block.messages {
        let has_body = protocol.defaults.contains(&message.name);
        let shares = message.asyncness.is_some() && message.receiver == Receiver::Shared;
        if protocol.requires("Sync") {
            continue;
        }
        match &message.options.concurrent {
            Some(word) if shares => errors.push(word, errors::protocol_concurrent(ident)),
            None if has_body && shares => {
                errors.push(&message.name, errors::protocol_sync(&message.name, ident));
            }
            _ => {}
        }
    }
    messages(&block.messages, errors);
    let Some(base) = &protocol.extends else { return };
    let Some(last) = base.segments.last() else { return };
    if protocol.extends_itself() {
        errors.push(base, errors::extends_itself(ident));
    } else if !protocol.requires(&last.ident.to_string()) {
        errors.push(base, errors::extends_without_supertrait(ident, &show(base)));
    }
}

/// `#[actor]` is there already when it comes to this attribute.
fn once(attrs: &[Attribute], errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| is_actor(attr.path())) {
        errors.push(attr.path(), errors::actor_twice());
    }
}

fn no_lifetimes(generics: &Generics, errors: &mut Errors) {
    for param in generics.lifetimes() {
        errors.push(&param.lifetime, errors::lifetime_actor(&param.lifetime));
    }
}

/// What the options of a message say together, and with its signature.
fn policy(message: &Message, errors: &mut Errors) {
    let options = &message.options;
    if options.broken {
        return;
    }
    if let Some(interleave) = &options.interleave {
        if message.receiver == Receiver::Value {
            errors.push(interleave, errors::interleave_by_value());
        }
        if options.concurrent.is_some() {
            return errors.push(interleave, errors::interleave_and_concurrent());
        }
    }
    if let Some(concurrent) = &options.concurrent {
        let can = message.asyncness.is_some() && message.receiver == Receiver::Shared;
        if !can {
            errors.push(concurrent, errors::concurrent_needs_shared());
        }
    }
    if let Some(fatal) = &options.fatal {
        match &message.reply {
            reply if reply.broken => {}
            reply if reply.later => errors.push(fatal, errors::fatal_replies_later(&message.name)),
            Reply { outcome: Outcome::Value, .. } => {
                errors.push(fatal, errors::fatal_without_result(&message.name));
            }
            _ if message.receiver == Receiver::Value => errors.push(fatal, errors::fatal_by_value()),
            _ => {}
        }
    }
    if let Some(guard) = options.when.as_ref().filter(|_| message.generics.is_some()) {
        errors.push(&guard.word, errors::guard_of_generic(&message.name));
    }
}

/// A variant a message.
fn names(messages: &[Message], errors: &mut Errors) {
    for message in messages {
        if let Some(first) = &message.twin_of {
            let place = message.options.name.as_ref().unwrap_or(&message.name);
            errors.push(place, errors::same_variant(&message.variant, first, errors::line(first)));
        }
    }
}

fn hooks(block: &ActorImpl, errors: &mut Errors) {
    // Any number may be called from time to time.
    let single = |hook: &&Hook| hook.moment != Moment::Tick;
    for (number, hook) in block.hooks.iter().enumerate().filter(|(_, hook)| single(hook)) {
        let first = block.hooks.iter().take(number).find(|other| {
            other.moment == hook.moment && (other.attrs.cfg.is_empty() || hook.attrs.cfg.is_empty())
        });
        if let Some(first) = first {
            let text = errors::hook_twice(hook.moment.name(), &first.method, errors::line(&first.method));
            errors.push(&hook.attr, text);
        }
    }
}
