package io.github.pgpure.protocol;

import java.util.Locale;

/** What the text of a statement tells without being parsed. */
public final class SqlText {

    private SqlText() {}

    /** The word that a statement begins with, in lower case, after white space and parentheses; empty where it begins with anything else. */
    public static String firstWord(String sql) {
        int start = 0;
        while (start < sql.length() && (sql.charAt(start) <= ' ' || sql.charAt(start) == '(')) {
            start++;
        }
        int end = start;
        while (end < sql.length() && Character.isLetter(sql.charAt(end))) {
            end++;
        }
        return sql.substring(start, end).toLowerCase(Locale.ROOT);
    }
}
