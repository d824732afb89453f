//! Finding values in JSON. They are handed out as they are written and never decoded, so that no crate is needed.

/// The value of an object's member, or `None` when it has no such member or is no object.
pub fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut i = skip_space(object, 0);
    if object.get(i) != Some(&b'{') {
        return None;
    }
    loop {
        let key = skip_space(object, i + 1);
        if object.get(key) != Some(&b'"') {
            return None;
        }
        let end = skip_string(object, key)?;
        i = skip_space(object, end);
        if object.get(i) != Some(&b':') {
            return None;
        }
        let value = skip_space(object, i + 1);
        let after = skip_value(object, value)?;
        if &object[key + 1..end - 1] == name.as_bytes() {
            return Some(&object[value..after]);
        }
        i = skip_space(object, after);
        if object.get(i) != Some(&b',') {
            return None;
        }
    }
}

/// What stands between the quotes of a string, escapes as they are; `None` for any other value.
pub fn inside(value: &[u8]) -> Option<&[u8]> {
    match value {
        [b'"', inner @ .., b'"'] => Some(inner),
        _ => None,
    }
}

fn skip_space(json: &[u8], mut i: usize) -> usize {
    while matches!(json.get(i), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        i += 1;
    }
    i
}

/// The index after the string that begins at `i`.
fn skip_string(json: &[u8], mut i: usize) -> Option<usize> {
    loop {
        i += 1;
        match json.get(i)? {
            b'\\' => i += 1,
            b'"' => return Some(i + 1),
            _ => {}
        }
    }
}

/// The index after the value that begins at `start`.
fn skip_value(json: &[u8], start: usize) -> Option<usize> {
    let (mut i, mut depth) = (start, 0);
    while let Some(&byte) = json.get(i) {
        let closes = matches!(byte, b'}' | b']');
        if depth == 0 && matches!(byte, b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n') {
            break; // the end of a number or a word
        }
        i = if byte == b'"' { skip_string(json, i)? } else { i + 1 };
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (closes || byte == b'"') {
            return Some(i);
        }
    }
    if depth == 0 && i > start {
        Some(i)
    } else {
        None
    }
}
