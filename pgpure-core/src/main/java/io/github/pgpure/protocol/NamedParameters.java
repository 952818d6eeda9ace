package io.github.pgpure.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Replaces the named parameters of a statement, {@code :name}, by {@code $1}, {@code $2} …
 *
 * <p>A name is a letter or underscore followed by letters, digits and underscores, directly after the colon. A name that
 * comes again gets the same number. These are left as they are: string constants ({@code '…'}, {@code E'…'},
 * {@code U&'…'}, {@code B'…'}, {@code X'…'}, {@code $$…$$}, {@code $tag$…$tag$}), quoted identifiers, comments
 * ({@code --} and nested {@code /* *}{@code /}), casts ({@code ::}) and {@code :=}. Strings without {@code E} have no
 * backslash escapes, as with {@code standard_conforming_strings = on}.
 *
 * <p>A colon that follows an expression is not a parameter's, since SQL never has a parameter there:
 *
 * <table>
 * <caption>Colons that follow something</caption>
 * <tr><td>{@code arr[1:n]}, {@code arr[lo:hi]}</td><td>an array slice</td></tr>
 * <tr><td>{@code json_object('key':title)}, {@code json_object(key:title)}</td><td>a key and its value</td></tr>
 * <tr><td>{@code arr[:i]}, {@code array[:a, :b]}</td><td>parameters; a slice without a lower bound is written
 *     {@code arr[ : n]}</td></tr>
 * <tr><td>{@code arr[1 : :n]}, {@code arr[:lo : :hi]}</td><td>slices with parameters ({@code 1::n} is a cast)</td></tr>
 * </table>
 *
 * <p>(<a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">manual</a>). Takes linear time; what is not
 * terminated is left for the server to complain about. Stateless and thread-safe.
 */
public final class NamedParameters {

    /** After these, an expression begins, so that a colon inside brackets does not make a slice. */
    private static final Set<String> BEFORE_AN_EXPRESSION = Set.of(
            "and",
            "or",
            "not",
            "case",
            "when",
            "then",
            "else",
            "like",
            "ilike",
            "to",
            "from",
            "between",
            "symmetric",
            "in",
            "is",
            "zone",
            "escape",
            "collate");

    /** What comes before the place we are at, comments and white space left out. */
    private enum Previous {
        /** Nothing, an operator, a comma or an opening bracket: an expression may begin. */
        OPEN,
        /** A name or a keyword. */
        WORD,
        /** A constant, a parameter or a closing bracket: the end of an expression. */
        VALUE
    }

    private final String sql;
    private final int length;
    private int at;

    private Previous previous = Previous.OPEN;
    private int previousStart;
    private int previousEnd;
    private final StringBuilder openBrackets = new StringBuilder();

    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final StringBuilder result = new StringBuilder();
    private int copied;
    private int positionalAt = -1;

    private NamedParameters(String sql) {
        this.sql = sql;
        this.length = sql.length();
    }

    /**
     * Replaces the named parameters.
     *
     * @param sql one or more statements
     * @return the statement with numbers; the very same string when it has no named parameter
     * @throws IllegalArgumentException when the statement has both {@code :name} and {@code $1}
     */
    public static ParsedSql parse(String sql) {
        if (sql.indexOf(':') < 0) {
            return new ParsedSql(sql, List.of());
        }
        return new NamedParameters(sql).run();
    }

    private ParsedSql run() {
        while (at < length) {
            next(sql.charAt(at));
        }
        if (numbers.isEmpty()) {
            return new ParsedSql(sql, List.of());
        }
        List<String> names = new ArrayList<>(numbers.keySet());
        if (positionalAt >= 0) {
            throw new IllegalArgumentException("the statement has a named parameter, :" + names.get(0)
                    + ", and a positional one, $… at character " + (positionalAt + 1)
                    + ": use either :name or $1, $2 … throughout");
        }
        return new ParsedSql(result.append(sql, copied, length).toString(), names);
    }

    private void next(char c) {
        int start = at;
        switch (c) {
            case ' ', '\t', '\n', '\r', '\f', '\u000b' -> at++;
            case '\'' -> value(start, quoted(start, '\'', false));
            case '"' -> value(start, quoted(start, '"', false));
            case '-' -> {
                if (charAt(start + 1) == '-') {
                    at = SqlText.lineComment(sql, start);
                } else {
                    open(start + 1);
                }
            }
            case '/' -> {
                if (charAt(start + 1) == '*') {
                    at = SqlText.blockComment(sql, start);
                } else {
                    open(start + 1);
                }
            }
            case '$' -> dollar(start);
            case ':' -> colon(start);
            case '(', '[' -> {
                openBrackets.append(c);
                open(start + 1);
            }
            case ')', ']' -> {
                int depth = openBrackets.length();
                if (depth > 0 && openBrackets.charAt(depth - 1) == (c == ')' ? '(' : '[')) {
                    openBrackets.setLength(depth - 1);
                }
                value(start, start + 1);
            }
            default -> {
                if (isNameStart(c)) {
                    word(start);
                } else if (isDigit(c)) {
                    value(start, number(start));
                } else {
                    open(start + 1);
                }
            }
        }
    }

    private void open(int end) {
        previous = Previous.OPEN;
        at = end;
    }

    private void value(int start, int end) {
        previous = Previous.VALUE;
        previousStart = start;
        previousEnd = end;
        at = end;
    }

    private void word(int start) {
        int end = start + 1;
        while (end < length && (isNamePart(sql.charAt(end)) || sql.charAt(end) == '$')) {
            end++;
        }
        if (end == start + 1 && charAt(end) == '\'' && (sql.charAt(start) == 'e' || sql.charAt(start) == 'E')) {
            value(start, escapeString(end));
            return;
        }
        previous = Previous.WORD;
        previousStart = start;
        previousEnd = end;
        at = end;
    }

    private void colon(int start) {
        char following = charAt(start + 1);
        if (following == ':' || following == '=') {
            open(start + 2);
        } else if (!isNameStart(following) || followsExpression(start)) {
            open(start + 1);
        } else {
            int end = start + 2;
            while (end < length && isNamePart(sql.charAt(end))) {
                end++;
            }
            int number = numbers.computeIfAbsent(sql.substring(start + 1, end), name -> numbers.size() + 1);
            result.append(sql, copied, start).append('$').append(number);
            copied = end;
            value(start, end);
        }
    }

    private boolean followsExpression(int colon) {
        return switch (previous) {
            case OPEN -> false;
            case VALUE -> true;
            case WORD -> {
                if (previousEnd == colon) {
                    yield true; // "word:name" cannot become "word$1", which would be one identifier
                }
                int depth = openBrackets.length();
                yield depth > 0
                        && openBrackets.charAt(depth - 1) == '['
                        && !BEFORE_AN_EXPRESSION.contains(
                                sql.substring(previousStart, previousEnd).toLowerCase(Locale.ROOT));
            }
        };
    }

    /** A dollar-quoted string, a positional parameter, or a lone dollar sign. */
    private void dollar(int start) {
        int end = start + 1;
        if (isDigit(charAt(end))) {
            while (isDigit(charAt(end))) {
                end++;
            }
            if (positionalAt < 0) {
                positionalAt = start;
            }
            value(start, end);
            return;
        }
        if (isNameStart(charAt(end))) {
            do {
                end++;
            } while (isNamePart(charAt(end)));
        }
        if (charAt(end) != '$') {
            open(end);
            return;
        }
        String delimiter = sql.substring(start, end + 1);
        int close = sql.indexOf(delimiter, end + 1);
        value(start, close < 0 ? length : close + delimiter.length());
    }

    private int number(int start) {
        int end = start + 1;
        while (isDigit(charAt(end)) || charAt(end) == '.' || charAt(end) == '_') {
            end++;
        }
        return end;
    }

    /** The end of a quoted text; a doubled quote is one of its characters. */
    private int quoted(int start, char quote, boolean backslashEscapes) {
        int end = start + 1;
        while (end < length) {
            char c = sql.charAt(end++);
            if (c == '\\' && backslashEscapes) {
                end++;
            } else if (c == quote) {
                if (charAt(end) != quote) {
                    return end;
                }
                end++;
            }
        }
        return length;
    }

    /** The end of an {@code E'…'} constant; parts on further lines belong to it and have backslash escapes too. */
    private int escapeString(int start) {
        int end = quoted(start, '\'', true);
        while (true) {
            int continued = end;
            boolean newline = false;
            while (continued < length) {
                char c = sql.charAt(continued);
                if (c == '-' && charAt(continued + 1) == '-') {
                    continued = SqlText.lineComment(sql, continued);
                } else if (c <= ' ') {
                    newline |= c == '\n' || c == '\r';
                    continued++;
                } else {
                    break;
                }
            }
            if (!newline || charAt(continued) != '\'') {
                return end;
            }
            end = quoted(continued, '\'', true);
        }
    }

    /** The character, or U+0000 behind the end. */
    private char charAt(int index) {
        return index < length ? sql.charAt(index) : '\0';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** As PostgreSQL's scanner, which takes everything beyond ASCII for letters. */
    private static boolean isNameStart(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80;
    }

    private static boolean isNamePart(char c) {
        return isNameStart(c) || isDigit(c);
    }
}
