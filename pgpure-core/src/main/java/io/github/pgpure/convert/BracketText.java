package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;

/**
 * The text of composites, {@code (1,"a b",)}, and of ranges, {@code [1,5)}: parts between brackets, separated by commas, quoted
 * where they need it; a part that is missing is NULL, or infinite
 * (<a href="https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX">manual</a>).
 */
final class BracketText {

    private BracketText() {}

    /** The parts between the first byte and the last one. */
    static Slices read(byte[] text, int offset, int length) {
        if (length < 2) {
            throw malformed();
        }
        byte[] plain = new byte[length];
        Slices parts = new Slices(Format.TEXT, plain);
        int at = offset + 1;
        int end = offset + length - 1;
        int written = 0;
        int start = 0;
        boolean quoted = false;
        boolean missing = true;
        for (; at < end; at++) {
            byte c = text[at];
            if (c == '"') {
                if (quoted && at + 1 < end && text[at + 1] == '"') {
                    plain[written++] = '"';
                    at++;
                } else {
                    quoted = !quoted;
                }
                missing = false;
            } else if (c == '\\') {
                if (++at == end) {
                    throw malformed();
                }
                plain[written++] = text[at];
                missing = false;
            } else if (c == ',' && !quoted) {
                add(parts, start, written, missing);
                start = written;
                missing = true;
            } else {
                plain[written++] = c;
                missing = false;
            }
        }
        if (quoted) {
            throw malformed();
        }
        add(parts, start, written, missing);
        return parts;
    }

    private static void add(Slices parts, int start, int end, boolean missing) {
        if (missing) {
            parts.addNull();
        } else {
            parts.add(start, end - start);
        }
    }

    /** Writes a field as the server does. */
    static void append(StringBuilder out, String part) {
        append(out, part, false);
    }

    /** Writes a bound as the server does, which quotes square brackets too. */
    static void appendBound(StringBuilder out, String part) {
        append(out, part, true);
    }

    private static void append(StringBuilder out, String part, boolean isBound) {
        if (!needsQuotes(part) && !(isBound && (part.indexOf('[') >= 0 || part.indexOf(']') >= 0))) {
            out.append(part);
            return;
        }
        out.append('"');
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '"' || c == '\\') {
                out.append(c);
            }
            out.append(c);
        }
        out.append('"');
    }

    private static boolean needsQuotes(String part) {
        if (part.isEmpty()) {
            return true;
        }
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || c == ' ' || c >= '\t' && c <= '\r') {
                return true;
            }
        }
        return false;
    }

    static ValueException malformed() {
        return new ValueException("its text is not of the form that it should have");
    }
}
