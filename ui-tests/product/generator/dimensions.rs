//! The values of each dimension.

/// How a method takes the actor.
pub(crate) struct Receiver {
    pub(crate) written: &'static str,
    pub(crate) is_value: bool,
    pub(crate) refused: Option<&'static str>,
}

const fn receiver(written: &'static str, is_value: bool) -> Receiver {
    Receiver { written, is_value, refused: None }
}

const fn no_receiver(written: &'static str, refused: &'static str) -> Receiver {
    Receiver { written, is_value: false, refused: Some(refused) }
}

pub(crate) const RECEIVERS: &[Receiver] = &[
    receiver("&mut self", false),
    receiver("&self", false),
    receiver("self", true),
    receiver("mut self", true),
    receiver("self: &mut Self", false),
    receiver("self: &Self", false),
    receiver("self: Self", true),
    no_receiver("self: Box<Self>", "`Box<Self>` cannot receive a message"),
    no_receiver("self: std::pin::Pin<&mut Self>", "`std::pin::Pin<&mut Self>` cannot receive a message"),
];

/// Parameters: as the method declares them, as they are given to the handle, as the message's fields, and what the method
/// makes of them.
pub(crate) struct Argument {
    /// What the method is generic over for it.
    pub(crate) generics: &'static [&'static str],
    /// What its `where` clause says of that.
    pub(crate) clause: &'static str,
    pub(crate) declared: &'static str,
    pub(crate) given: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) sum: &'static str,
    pub(crate) value: u64,
    pub(crate) refused: Option<&'static str>,
}

const fn argument(
    declared: &'static str,
    given: &'static str,
    fields: &'static str,
    sum: &'static str,
    value: u64,
) -> Argument {
    Argument { generics: &[], clause: "", declared, given, fields, sum, value, refused: None }
}

/// Of a generic method, which has no message.
const fn generic(
    generics: &'static [&'static str],
    declared: &'static str,
    given: &'static str,
    sum: &'static str,
    value: u64,
) -> Argument {
    Argument { generics, ..argument(declared, given, "", sum, value) }
}

const fn no_argument(declared: &'static str, refused: &'static str) -> Argument {
    Argument { refused: Some(refused), ..argument(declared, "", "", "0", 0) }
}

const fn no_generic(
    generics: &'static [&'static str],
    declared: &'static str,
    refused: &'static str,
) -> Argument {
    Argument { generics, ..no_argument(declared, refused) }
}

impl Argument {
    /// Whether it makes its method generic.
    pub(crate) fn is_generic(&self) -> bool {
        // A lifetime makes none, nor does an `impl Trait` that is refused.
        let is_anonymous = self.declared.replace("impl Into<", "").contains("impl ");
        self.generics.iter().any(|param| !param.starts_with('\'')) || is_anonymous && self.refused.is_none()
    }
}

pub(crate) const ARGUMENTS: &[Argument] = &[
    argument("", "", "", "0", 0),
    argument("a: u64", "7", "a: 7", "a", 7),
    argument("text: &str", "\"abc\"", "text: \"abc\".to_owned()", "count(text.len())", 3),
    argument("list: &[u64]", "[1, 2]", "list: vec![1, 2]", "list.iter().sum::<u64>()", 3),
    argument("path: &Path", "\"a/b\"", "path: \"a/b\".into()", "count(path.iter().count())", 2),
    argument("os: &OsStr", "OsStr::new(\"abcd\")", "os: \"abcd\".into()", "count(os.len())", 4),
    argument("c: &CStr", "c\"ab\"", "c: c\"ab\".to_owned()", "count(c.count_bytes())", 2),
    argument("cow: Cow<'_, str>", "\"abc\"", "cow: \"abc\".to_owned()", "count(cow.into_owned().len())", 3),
    argument("cow: Cow<'_, [u64]>", "[4, 5]", "cow: vec![4, 5]", "cow.iter().sum::<u64>()", 9),
    argument("cow: Cow<'static, str>", "\"ab\".into()", "cow: Cow::Borrowed(\"ab\")", "count(cow.len())", 2),
    argument("point: &Point", "Point { x: 1, y: 2 }", "point: Point { x: 1, y: 2 }", "point.x + point.y", 3),
    argument("n: &u64", "5", "n: 5", "*n", 5),
    argument(
        "pair: &(u64, String)",
        "(1, \"a\".to_owned())",
        "pair: (1, \"a\".to_owned())",
        "pair.0 + count(pair.1.len())",
        2,
    ),
    argument("text: &String", "\"abc\".to_owned()", "text: \"abc\".to_owned()", "count(text.len())", 3),
    argument("array: &[u64; 2]", "[2, 3]", "array: [2, 3]", "array[0] + array[1]", 5),
    argument("text: &'static str", "\"abcd\"", "text: \"abcd\"", "count(text.len())", 4),
    argument(
        "list: &'static [&'static str]",
        "&[\"a\", \"b\"]",
        "list: &[\"a\", \"b\"]",
        "count(list.len())",
        2,
    ),
    argument("into: impl Into<String>", "\"abc\"", "into: \"abc\".to_owned()", "count(into.into().len())", 3),
    argument("into: impl Into<u64> + Copy", "6_u8", "into: 6", "into.into()", 6),
    argument("(a, b): (u64, u64)", "(1, 2)", "arg0: (1, 2)", "a + b", 3),
    argument("Point { x, .. }: Point", "Point { x: 4, y: 0 }", "arg0: Point { x: 4, y: 0 }", "x", 4),
    argument("[a, .., b]: [u64; 3]", "[1, 2, 3]", "arg0: [1, 2, 3]", "a + b", 4),
    argument("whole @ (a, _): (u64, u64)", "(1, 2)", "whole: (1, 2)", "whole.1 + a", 3),
    argument("_: u64", "1", "arg0: 1", "0", 0),
    argument("mut a: u64", "1", "a: 1", "{ a += 1; a }", 2),
    argument("r#type: u64", "3", "r#type: 3", "r#type", 3),
    argument("ctx: &mut Context<Self>", "", "", "count(ctx.name().iter().count())", 0),
    argument("ctx: &Context<Self>, a: u64", "2", "a: 2", "a + count(ctx.name().iter().count())", 2),
    argument(
        "a: u64, c: &mut Context<Self>, b: &str",
        "2, \"a\"",
        "a: 2, b: \"a\".to_owned()",
        "a + count(b.len() + c.name().iter().count())",
        3,
    ),
    argument("array: [u64; Self::N]", "[8, 9]", "array: [8, 9]", "array[0] + array[1]", 17),
    argument("others: Vec<Self>", "Vec::new()", "others: Vec::new()", "count(others.len())", 0),
    argument(
        "option: Option<Vec<u64>>",
        "Some(vec![1])",
        "option: Some(vec![1])",
        "option.map_or(0, |list| count(list.len()))",
        1,
    ),
    argument("result: Result<u64, String>", "Ok(2)", "result: Ok(2)", "result.unwrap_or(0)", 2),
    argument("f: fn(&str) -> usize", "str::len", "f: str::len", "count(f(\"ab\"))", 2),
    argument("f: Box<dyn Fn(&str) -> u64 + Send>", "Box::new(|_| 3)", "f: Box::new(|_| 3)", "f(\"ab\")", 3),
    argument("list: std::sync::Arc<[u64]>", "[1].into()", "list: [1].into()", "list[0]", 1),
    argument(
        "text: &str, (a, b): (u64, u64), mut c: u64, _: u8, list: &[Point], into: impl Into<String>, cow: Cow<'_, str>",
        "\"a\", (1, 2), 3, 4, vec![Point { x: 5, y: 0 }], 'b', \"cd\"",
        "text: \"a\".to_owned(), arg1: (1, 2), c: 3, arg3: 4, list: vec![Point { x: 5, y: 0 }], into: \"b\".to_owned(), cow: \"cd\".to_owned()",
        "{ c += a + b; c + list[0].x + count(text.len() + into.into().len() + cow.len()) }",
        15,
    ),
    argument("#[cfg(all())] a: u64, #[cfg(any())] gone: Gone", "7", "a: 7", "a", 7),
    generic(&["X"], "items: Vec<X>, _: u8", "vec![\"a\"], 1", "count(items.len())", 1),
    generic(&["X: Into<u64> + Send + 'static"], "item: X", "8_u8", "item.into()", 8),
    Argument {
        clause: "X: Display, Self: Sized",
        ..generic(&["X"], "item: X, text: &str", "12, \"a\"", "count(item.to_string().len() + text.len())", 3)
    },
    generic(
        &["const L: usize"],
        "array: [u64; L], ctx: &mut Context<Self>",
        "[1, 2]",
        "count(L + ctx.name().iter().count()) + array[0]",
        3,
    ),
    generic(
        &["X: Clone + Into<u64> + Sync", "const L: usize"],
        "item: &X, (all, _): ([X; L], u8), list: &[X]",
        "2_u8, ([3, 4], 5), vec![6]",
        "item.clone().into() + all[L - 1].clone().into() + list[0].clone().into()",
        12,
    ),
    generic(
        &["X: Into<u64> + Send"],
        "f: impl FnOnce(&mut Self) -> X + Send",
        "|actor| { actor.n += 4; actor.n as u32 }",
        "f(&mut self.copy(0)).into()",
        4,
    ),
    generic(&[], "f: impl Fn(&Self) -> u64", "|actor| actor.n + 1", "f(&self.copy(4))", 5),
    generic(&[], "items: impl Iterator<Item = u64>", "[1, 2].into_iter()", "items.sum::<u64>()", 3),
    generic(
        &[],
        "items: impl IntoIterator<Item = &'static str> + Clone, others: impl Iterator<Item = &'static str> + Send",
        "[\"a\"], [\"bc\"].into_iter()",
        "count(items.into_iter().chain(others).map(str::len).sum())",
        3,
    ),
    generic(
        &["X: Debug"],
        "text: &str, mut f: impl FnMut(u64) -> u64, into: impl Into<String>, ctx: &mut Context<Self>, cow: Cow<'_, str>, item: X, [a, b]: [u64; 2]",
        "\"a\", |n| n + 1, \"bc\", \"d\", true, [1, 2]",
        "f(a) + f(b) + count(text.len() + into.into().len() + cow.len() + format!(\"{item:?}\").len() + ctx.name().iter().count())",
        13,
    ),
    generic(
        &[],
        "#[cfg(any())] gone: Gone, f: impl Fn(u64) -> u64, #[cfg(all())] text: &str, #[cfg(not(all()))] g: impl Gone",
        "|n| n * 2, \"abc\"",
        "f(count(text.len()))",
        6,
    ),
    no_generic(&["'a"], "text: &'a str", "a message cannot borrow for `'a`"),
    no_generic(&["'a", "X: Send + 'a"], "item: X", "a message cannot borrow for `'a`"),
    no_argument("f: &impl Fn() -> u64", "`impl Fn() -> u64` inside another type cannot be sent"),
    no_argument("list: Vec<impl Send>", "`impl Send` inside another type cannot be sent"),
    no_argument("into: Option<impl Into<String>>", "`impl Into<String>` cannot stand inside another type"),
    no_generic(&["X"], "item: &mut X", "`&mut X` cannot be sent"),
    no_generic(&["X"], "items: Vec<&X>", "`&X` cannot be sent"),
    no_generic(&["X"], "item: std::rc::Rc<X>", "`std::rc::Rc<X>` cannot be sent"),
    no_argument("a: &mut u64", "`&mut u64` cannot be sent"),
    no_argument("text: Option<&str>", "`&str` cannot be sent"),
    no_argument("list: &[&str]", "`&str` cannot be sent"),
    no_argument("list: Vec<Cow<'_, str>>", "`'_` cannot be sent"),
    no_argument("object: &dyn Send", "`&dyn Send` cannot be sent"),
    no_argument("ctx: Context<Self>", "a handler borrows its `Context`"),
    no_argument("a: &Context<Self>, b: &Context<Self>", "a second `Context`"),
];

/// What a method returns, or answers through a `ReplyTo`.
pub(crate) struct Reply {
    /// What the method is generic over for it; a call says which, a `u64` of each.
    pub(crate) generics: &'static [&'static str],
    pub(crate) declared: &'static str,
    /// A parameter for it.
    pub(crate) param: Option<&'static str>,
    /// What the method ends with, of `n`.
    pub(crate) end: &'static str,
    pub(crate) has_value: bool,
    /// Whether its type can be taken apart.
    pub(crate) is_result: bool,
    pub(crate) refused: Option<&'static str>,
}

const fn reply(declared: &'static str, end: &'static str, is_result: bool) -> Reply {
    Reply { generics: &[], declared, param: None, end, has_value: true, is_result, refused: None }
}

const fn later(param: &'static str, end: &'static str, is_result: bool) -> Reply {
    Reply { declared: "", param: Some(param), ..reply("", end, is_result) }
}

const fn no_reply(declared: &'static str, refused: &'static str) -> Reply {
    Reply { has_value: false, refused: Some(refused), ..reply(declared, "todo!()", false) }
}

const OF_R: &[&str] = &["R: From<u64> + Send + 'static"];

/// What one stands for that borrows the actor for as long as it lasts.
const BORROWING: &str = "stream::iter([n]).map(move |n| { let _ = &self; n })";

impl Reply {
    /// Whether it says what its stream captures, which types without a name cannot be.
    pub(crate) fn names_captures(&self) -> bool {
        self.declared.contains("use<")
    }
}

pub(crate) const REPLIES: &[Reply] = &[
    Reply { has_value: false, ..reply("", "", false) },
    reply("-> Result<u64, Failure>", "Ok(n)", true),
    reply("-> Result<u64, Failure>", "Err(Failure(n))", true),
    reply("-> u64", "n", false),
    reply("-> std::io::Result<u64>", "Ok(n)", true),
    reply("-> aliases::Result<Self>", "Ok(this)", true),
    reply("-> aliases::Outcome<u64>", "Ok(n)", true),
    reply("-> Self", "this", false),
    reply("-> Option<Self>", "Some(this)", false),
    reply("-> [u64; Self::N]", "[n; 2]", false),
    reply("-> Result<[u64; Self::N], Failure>", "Ok([n; 2])", true),
    later("reply: ReplyTo<u64>", "let _ = reply.send(n);", false),
    later("answer: ReplyTo<Result<u64, Failure>>", "let _ = answer.send(Err(Failure(n)));", true),
    Reply { generics: OF_R, ..reply("-> R", "R::from(n)", false) },
    Reply { generics: OF_R, ..reply("-> Result<Option<R>, Failure>", "Ok(Some(R::from(n)))", true) },
    Reply { generics: OF_R, ..later("reply: ReplyTo<R>", "let _ = reply.send(n.into());", false) },
    reply("-> impl Stream<Item = u64>", BORROWING, false),
    reply("-> impl Stream<Item = Option<Self>> + Send", "stream::iter([None, Some(this)])", false),
    reply("-> impl Send + stream::Stream<Item = u64> + 'static", "stream::iter([n, 0])", false),
    reply("-> impl Stream<Item = Result<u64, Failure>> + use<>", "stream::iter([Err(Failure(n))])", false),
    Reply { generics: OF_R, ..reply("-> impl Stream<Item = R>", "stream::iter([n]).map(R::from)", false) },
    no_reply("-> impl Stream", "`impl Stream` does not say what its items are"),
    no_reply("-> Option<impl Stream<Item = u64>>", "inside another type cannot be a reply: only a stream"),
    no_reply("-> impl Stream<Item = &u64>", "a reply cannot borrow (`&u64`)"),
    no_reply("-> impl Stream<Item = impl Send>", "`impl Send` cannot be a reply"),
    no_reply("-> impl Iterator<Item = u64>", "`impl Iterator<Item = u64>` cannot be a reply"),
    Reply {
        param: Some("reply: ReplyTo<impl Stream<Item = u64>>"),
        ..no_reply("", "inside another type cannot be a reply: only a stream")
    },
    Reply {
        param: Some("reply: ReplyTo<u64>"),
        ..no_reply("-> impl Stream<Item = u64>", "a message with a `ReplyTo` has its reply there")
    },
    no_reply("-> &str", "a reply cannot borrow (`&str`)"),
    no_reply("-> Result<u64, Cow<'_, str>>", "a reply cannot borrow (`'_`)"),
    no_reply("-> impl Future<Output = u64>", "a reply cannot be a future"),
    Reply {
        param: Some("reply: ReplyTo<u64>"),
        ..no_reply("-> u64", "a message with a `ReplyTo` has its reply there")
    },
];

/// Options and attributes of a method.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    pub(crate) written: &'static str,
    pub(crate) refused: Option<&'static str>,
}

const fn choice(name: &'static str, written: &'static str) -> Choice {
    Choice { name, written, refused: None }
}

const fn no_choice(written: &'static str, refused: &'static str) -> Choice {
    Choice { name: "refused", written, refused: Some(refused) }
}

pub(crate) const CHOICES: &[Choice] = &[
    choice("none", ""),
    choice("message", "#[message]"),
    choice("timeout", "#[message(timeout = Duration::from_secs(50))]"),
    choice("name", "#[message(name = Named)]"),
    choice("whole", "#[message(result = false)]"),
    choice("result", "#[message(result)]"),
    choice("interleave", "#[message(interleave, timeout = Self::PATIENCE)]"),
    choice("attributes", "/// Text.\n#[cfg(all())] #[inline] #[allow(dead_code)]"),
    choice("skip", "#[message(skip, interleave)]"),
    choice("concurrent", "#[message(concurrent)]"),
    no_choice("#[message(timeout = 5)]", "`timeout` takes a `Duration`"),
    no_choice("#[message(nam = Other)]", "`nam` is no option of a message; did you mean `name`?"),
    no_choice("#[message(mailbox = 5)]", "`mailbox` is no option of a message: it belongs to"),
    no_choice("#[message] #[message]", "`#[message]` stands here twice"),
];

pub(crate) const VISIBILITIES: &[&str] = &["pub", "pub(crate)", "pub(super)", "pub(in crate)", ""];

/// An actor that has the messages.
pub(crate) struct Actor {
    pub(crate) name: &'static str,
    pub(crate) options: &'static str,
    pub(crate) parameters: &'static str,
    pub(crate) arguments: &'static str,
    /// Those of the one that is called.
    pub(crate) instance: &'static str,
    pub(crate) visibility: &'static str,
}

pub(crate) const ACTORS: &[Actor] = &[
    Actor { name: "Plain", options: "", parameters: "", arguments: "", instance: "", visibility: "pub" },
    Actor {
        name: "Generic",
        options: "",
        parameters: "<T: Clone + Send + Sync + 'static>",
        arguments: "<T>",
        instance: "<String>",
        visibility: "pub(crate)",
    },
    Actor {
        name: "Queued",
        options: "(direct = false, mailbox = unbounded, timeout = Self::PATIENCE)",
        parameters: "",
        arguments: "",
        instance: "",
        visibility: "",
    },
    Actor {
        name: "Several",
        options: "(mailbox = 2, overflow = wait)",
        parameters: "<T: Clone + Send + Sync + 'static, U: Clone + Send + Sync + 'static, const K: usize>",
        arguments: "<T, U, K>",
        instance: "<u8, Option<String>, 3>",
        visibility: "pub",
    },
];
