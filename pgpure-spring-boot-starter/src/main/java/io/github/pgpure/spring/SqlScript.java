package io.github.pgpure.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Splits a script into its statements, as psql does
 * (<a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">manual</a>).
 *
 * <p>A separator counts only outside of {@code '…'}, {@code E'…'}, {@code "…"}, {@code $tag$…$tag$}, {@code --} and nested {@code /* … *}{@code /}
 * comments, parentheses, and {@code BEGIN ATOMIC … END} bodies of functions.
 */
final class SqlScript {

    private final String script;
    private final String separator;
    private final List<String> statements = new ArrayList<>();

    private int at;
    private int start;
    private boolean hasContent;
    private int parentheses;
    private int blocks;
    private boolean createsRoutine;
    private int words;

    private SqlScript(String script, String separator) {
        this.script = script;
        this.separator = separator;
    }

    /**
     * @param script the script
     * @param separator what ends a statement, usually {@code ;}
     * @return the statements, trimmed and without separators; those that are only comments are left out
     */
    static List<String> split(String script, String separator) {
        return new SqlScript(script, separator).split();
    }

    private List<String> split() {
        while (at < script.length()) {
            if (parentheses == 0 && blocks == 0 && script.startsWith(separator, at)) {
                endStatement();
                at += separator.length();
                start = at;
            } else if (script.startsWith("--", at)) {
                skipTo("\n");
            } else if (script.startsWith("/*", at)) {
                skipBlockComment();
            } else {
                readToken();
            }
        }
        endStatement();
        return statements;
    }

    private void endStatement() {
        if (hasContent) {
            statements.add(
                    script.substring(start, Math.min(at, script.length())).strip());
        }
        hasContent = false;
        parentheses = 0;
        blocks = 0;
        createsRoutine = false;
        words = 0;
    }

    private void readToken() {
        char c = script.charAt(at);
        if (Character.isWhitespace(c)) {
            at++;
            return;
        }
        hasContent = true;
        if (c == '\'') {
            skipQuoted('\'', at > 0 && isEscapeStringPrefix());
        } else if (c == '"') {
            skipQuoted('"', false);
        } else if (c == '$') {
            skipDollarQuoted();
        } else if (Character.isLetter(c) || c == '_') {
            readWord();
        } else {
            if (c == '(') {
                parentheses++;
            } else if (c == ')' && parentheses > 0) {
                parentheses--;
            }
            at++;
        }
    }

    /** Whether the quote at hand is preceded by an E of its own, and not by a word that ends in one. */
    private boolean isEscapeStringPrefix() {
        char before = script.charAt(at - 1);
        return (before == 'E' || before == 'e') && (at < 2 || !isWordPart(script.charAt(at - 2)));
    }

    private void readWord() {
        int begin = at;
        while (at < script.length() && isWordPart(script.charAt(at))) {
            at++;
        }
        String word = script.substring(begin, at).toLowerCase(Locale.ROOT);
        words++;
        // psql's rule: only in CREATE [OR REPLACE] FUNCTION | PROCEDURE do BEGIN and CASE open a body that END closes.
        if (words <= 4 && (word.equals("function") || word.equals("procedure"))) {
            createsRoutine = startsWithCreate();
        } else if (createsRoutine && parentheses == 0) {
            if (word.equals("begin") || (word.equals("case") && blocks > 0)) {
                blocks++;
            } else if (word.equals("end") && blocks > 0) {
                blocks--;
            }
        }
    }

    private boolean startsWithCreate() {
        return script.substring(start, at).toLowerCase(Locale.ROOT).contains("create");
    }

    private void skipQuoted(char quote, boolean backslashEscapes) {
        at++;
        while (at < script.length()) {
            char c = script.charAt(at++);
            if (c == '\\' && backslashEscapes) {
                at++;
            } else if (c == quote) {
                return; // a doubled quote begins a new text at once, which comes to the same
            }
        }
    }

    private void skipDollarQuoted() {
        int end = at + 1;
        while (end < script.length() && isTagPart(script.charAt(end), end == at + 1)) {
            end++;
        }
        if (end >= script.length() || script.charAt(end) != '$') {
            at++; // a parameter such as $1, or a lone sign
            return;
        }
        String tag = script.substring(at, end + 1);
        at = end + 1;
        skipTo(tag);
    }

    private void skipBlockComment() {
        int depth = 0;
        while (at < script.length()) {
            if (script.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (script.startsWith("*/", at)) {
                depth--;
                at += 2;
                if (depth == 0) {
                    return;
                }
            } else {
                at++;
            }
        }
    }

    /** Moves behind the next occurrence, or to the end where there is none. */
    private void skipTo(String end) {
        int found = script.indexOf(end, at);
        at = found < 0 ? script.length() : found + end.length();
    }

    private static boolean isTagPart(char c, boolean first) {
        return Character.isLetter(c) || c == '_' || (!first && Character.isDigit(c));
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }
}
