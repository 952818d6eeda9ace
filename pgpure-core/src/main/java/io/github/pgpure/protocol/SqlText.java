package io.github.pgpure.protocol;

import java.util.Locale;

/** What the text of a statement tells without being parsed. */
public final class SqlText {

    private SqlText() {}

    /**
     * The word that a statement begins with, in lower case, after white space, comments, empty statements and parentheses; empty where it begins
     * with anything else. Comments nest, as the server reads them. Takes linear time.
     */
    public static String firstWord(String sql) {
        int start = start(sql);
        int end = start;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return sql.substring(start, end).toLowerCase(Locale.ROOT);
    }

    private static int start(String sql) {
        int at = 0;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c <= ' ' || c == '(' || c == ';') {
                at++;
            } else if (sql.startsWith("--", at)) {
                at = lineComment(sql, at);
            } else if (sql.startsWith("/*", at)) {
                at = blockComment(sql, at);
            } else {
                break;
            }
        }
        return at;
    }

    /** The end of the comment that begins with two dashes here. */
    static int lineComment(String sql, int start) {
        int end = start;
        while (end < sql.length() && sql.charAt(end) != '\n' && sql.charAt(end) != '\r') {
            end++;
        }
        return end;
    }

    /** The end of the comment that begins with a slash and a star here, those inside it included. */
    static int blockComment(String sql, int start) {
        int depth = 1;
        int end = start + 2;
        while (end < sql.length() && depth > 0) {
            if (sql.startsWith("/*", end)) {
                depth++;
                end += 2;
            } else if (sql.startsWith("*/", end)) {
                depth--;
                end += 2;
            } else {
                end++;
            }
        }
        return end;
    }
}
