package io.github.pgpure;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The form {@code host=localhost dbname='my db'} of a connection string
 * (<a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE">manual</a>).
 */
final class KeywordValueString {

    private final String text;
    private int at;

    private KeywordValueString(String text) {
        this.text = text;
    }

    /** The settings in their order; of a keyword that comes twice, the last value counts. */
    static Map<String, String> parse(String text) {
        return new KeywordValueString(text).run();
    }

    private Map<String, String> run() {
        var settings = new LinkedHashMap<String, String>();
        String previous = "";
        skipSpace();
        while (at < text.length()) {
            int start = at;
            while (at < text.length() && text.charAt(at) != '=' && !isSpace(text.charAt(at))) {
                at++;
            }
            String keyword = text.substring(start, at);
            skipSpace();
            if (at == text.length() || text.charAt(at) != '=') {
                // The word itself could be the rest of a password that has a space.
                throw new IllegalArgumentException("the connection string has no \"=\" after the word at character "
                        + (start + 1) + ": it is written keyword=value keyword='value with spaces'");
            }
            at++;
            ConnectionKeywords.check(keyword, previous, start);
            skipSpace();
            settings.put(keyword, value(keyword));
            previous = keyword;
            skipSpace();
        }
        return settings;
    }

    private String value(String keyword) {
        var value = new StringBuilder();
        boolean quoted = at < text.length() && text.charAt(at) == '\'';
        if (quoted) {
            at++;
        }
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quoted ? c == '\'' : isSpace(c)) {
                break;
            }
            at++;
            if (c == '\\') {
                if (at == text.length()) {
                    break;
                }
                c = text.charAt(at++);
            }
            value.append(c);
        }
        if (quoted) {
            if (at == text.length()) {
                throw new IllegalArgumentException(
                        "the connection string lacks the closing quote of the value of \"" + keyword + "\"");
            }
            at++;
        }
        return value.toString();
    }

    private void skipSpace() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
