//! The methods that every actor has, whoever writes it down: what actors of real programs have, in equal parts.

/// A method and a call of it.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// Of its variant or message.
    pub(crate) camel: &'static str,
    /// `&self`, else `&mut self`.
    pub(crate) shared: bool,
    pub(crate) asyncness: bool,
    /// Names and types of its parameters.
    pub(crate) params: &'static [(&'static str, &'static str)],
    pub(crate) reply: &'static str,
    /// It returns a `Result` with this error.
    pub(crate) error: Option<&'static str>,
    pub(crate) body: &'static str,
    /// The arguments of its call.
    pub(crate) arguments: &'static [&'static str],
    /// From the reply to a number.
    pub(crate) number: &'static str,
}

impl Method {
    const fn new(name: &'static str, camel: &'static str) -> Self {
        Method {
            name,
            camel,
            shared: false,
            asyncness: false,
            params: &[],
            reply: "()",
            error: None,
            body: "",
            arguments: &[],
            number: "",
        }
    }

    /// The method itself, as every contestant has it.
    pub(crate) fn text(&self, vis: &str) -> String {
        let asyncness = if self.asyncness { "async " } else { "" };
        let receiver = if self.shared { "&self" } else { "&mut self" };
        let params: String = self.params.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect();
        let Method { name, body, .. } = self;
        let output = match self.output().as_str() {
            "()" => String::new(),
            output => format!(" -> {output}"),
        };
        format!("    {vis}{asyncness}fn {name}({receiver}{params}){output} {{\n        {body}\n    }}\n")
    }

    /// What it returns.
    pub(crate) fn output(&self) -> String {
        match self.error {
            Some(error) => format!("Result<{}, {error}>", self.reply),
            None => self.reply.to_owned(),
        }
    }

    /// `name, balance`
    pub(crate) fn names(&self) -> String {
        self.params.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The values of a call.
    pub(crate) fn values(&self) -> String {
        self.arguments.join(", ")
    }

    /// `, name: String`
    pub(crate) fn declared(&self) -> String {
        self.params.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect()
    }
}

/// The state of every actor.
pub(crate) const FIELDS: &str = "    balance: u64,\n    name: String,\n    log: Vec<u64>,\n";

/// Its initial value, the fields alone.
pub(crate) const INITIAL: &str = "balance: 0, name: String::from(\"nobody\"), log: Vec::new()";

/// The first method's body ends with this number; another number is another body.
pub(crate) const TOUCHED: &str = "amount + 0";

pub(crate) const METHODS: [Method; 10] = [
    Method {
        params: &[("amount", "u64")],
        reply: "u64",
        body: "self.balance += amount + 0;\n        self.balance",
        arguments: &["10"],
        number: "",
        ..Method::new("add", "Add")
    },
    Method {
        params: &[("amount", "u64")],
        reply: "u64",
        error: Some("Refused"),
        body: "self.balance = self.balance.checked_sub(amount).ok_or(Refused { balance: self.balance })?;\n        Ok(self.balance)",
        arguments: &["3"],
        ..Method::new("take", "Take")
    },
    Method {
        params: &[("name", "String")],
        reply: "String",
        body: "std::mem::replace(&mut self.name, name)",
        arguments: &["String::from(\"ann\")"],
        number: ".len() as u64",
        ..Method::new("rename", "Rename")
    },
    Method {
        params: &[("value", "u64")],
        body: "self.log.push(value);",
        arguments: &["7"],
        ..Method::new("note", "Note")
    },
    Method { shared: true, reply: "u64", body: "self.balance", ..Method::new("balance", "Balance") },
    Method {
        shared: true,
        reply: "Vec<u64>",
        body: "self.log.clone()",
        number: ".len() as u64",
        ..Method::new("history", "History")
    },
    Method {
        shared: true,
        params: &[("low", "u64"), ("high", "u64")],
        reply: "Option<u64>",
        body: "self.log.iter().copied().find(|value| (low..high).contains(value))",
        arguments: &["5", "9"],
        number: ".unwrap_or_default()",
        ..Method::new("find", "Find")
    },
    Method {
        params: &[("values", "Vec<u64>")],
        reply: "usize",
        error: Some("Refused"),
        body: "if values.is_empty() {\n            return Err(Refused { balance: self.balance });\n        }\n        self.log.extend(values);\n        Ok(self.log.len())",
        arguments: &["vec![1, 2]"],
        number: " as u64",
        ..Method::new("extend", "Extend")
    },
    Method {
        asyncness: true,
        params: &[("fee", "u64")],
        reply: "u64",
        body: "tokio::task::yield_now().await;\n        self.balance -= fee.min(self.balance);\n        self.balance",
        arguments: &["1"],
        ..Method::new("settle", "Settle")
    },
    Method {
        params: &[("name", "String"), ("balance", "u64")],
        reply: "bool",
        body: "self.name = name;\n        std::mem::replace(&mut self.balance, balance) > 0",
        arguments: &["String::from(\"bob\")", "20"],
        number: " as u64",
        ..Method::new("reset", "Reset")
    },
];
