package io.github.pgpure.spring;

import java.util.Locale;
import java.util.Set;

/**
 * What of a statement may be recorded: its operation, a short summary, and its text with every literal replaced by {@code ?}.
 *
 * <p>Values that an application binds are never in the text; literals may be values that it has written into it.
 *
 * @param operation the command in capitals, {@code SELECT} for example
 * @param summary the command and the first table, of low cardinality
 * @param text the statement without literals and comments, on one line, at most {@value #MAX_TEXT} characters
 */
record SqlSummary(String operation, String summary, String text) {

    static final int MAX_TEXT = 2000;
    private static final int MAX_SQL = 20_000;
    private static final Set<String> BEFORE_TABLE = Set.of("FROM", "INTO", "UPDATE", "TABLE", "JOIN", "COPY", "CALL");
    private static final Set<String> NO_TABLE = Set.of("ONLY", "IF", "NOT", "EXISTS", "SELECT", "LATERAL");

    static SqlSummary of(String sql) {
        return new Reader(sql.length() > MAX_SQL ? sql.substring(0, MAX_SQL) : sql).read();
    }

    private static final class Reader {

        private final String sql;
        private final StringBuilder text = new StringBuilder();
        private String operation = "";
        private String table = "";
        private boolean tableFollows;
        private int at;

        Reader(String sql) {
            this.sql = sql;
        }

        SqlSummary read() {
            while (at < sql.length() && text.length() < MAX_TEXT) {
                char c = sql.charAt(at);
                if (Character.isWhitespace(c)) {
                    space();
                    at++;
                } else if (sql.startsWith("--", at)) {
                    skipTo("\n");
                    space();
                } else if (sql.startsWith("/*", at)) {
                    at += 2;
                    skipTo("*/");
                    space();
                } else if (c == '\'') {
                    literal();
                } else if (c == '$' && !isDigit(at + 1)) {
                    dollarQuoted();
                } else if (c == '"') {
                    quotedName();
                } else if (Character.isDigit(c)) {
                    number();
                } else if (Character.isLetter(c) || c == '_') {
                    word();
                } else {
                    text.append(c);
                    at++;
                    tableFollows &= c != '('; // a subquery, whose own table counts
                    if (c == '$' || c == ':') {
                        parameter();
                    }
                }
            }
            String name = operation.isEmpty() ? "UNKNOWN" : operation;
            String shortened = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text.toString();
            return new SqlSummary(name, table.isEmpty() ? name : name + " " + table, shortened.strip());
        }

        /** The number of $1 and the name of :name are no values. */
        private void parameter() {
            while (at < sql.length() && isWordPart(sql.charAt(at))) {
                text.append(sql.charAt(at++));
            }
        }

        private void word() {
            int begin = at;
            while (at < sql.length() && isWordPart(sql.charAt(at))) {
                at++;
            }
            if (at < sql.length() && sql.charAt(at) == '\'' && at - begin <= 2) {
                return; // the E, B, X, N or U& of a literal
            }
            String word = sql.substring(begin, at);
            String upper = word.toUpperCase(Locale.ROOT);
            text.append(word);
            if (operation.isEmpty() || operation.equals("WITH") && isMainCommand(upper)) {
                operation = upper;
            }
            if (tableFollows && !NO_TABLE.contains(upper)) {
                table(word);
            } else if (table.isEmpty() && BEFORE_TABLE.contains(upper)) {
                tableFollows = true;
            }
        }

        private static boolean isMainCommand(String word) {
            return word.equals("INSERT") || word.equals("UPDATE") || word.equals("DELETE") || word.equals("MERGE");
        }

        private void table(String first) {
            StringBuilder name = new StringBuilder(first);
            while (at < sql.length() && (sql.charAt(at) == '.' || isWordPart(sql.charAt(at)))) {
                name.append(sql.charAt(at));
                text.append(sql.charAt(at++));
            }
            table = name.toString();
            tableFollows = false;
        }

        private void quotedName() {
            int begin = at++;
            skipTo("\"");
            String name = sql.substring(begin, at);
            text.append(name);
            if (tableFollows) {
                table(name);
            }
        }

        private void literal() {
            boolean escapes = at > 0 && (sql.charAt(at - 1) == 'E' || sql.charAt(at - 1) == 'e');
            at++;
            while (at < sql.length()) {
                char c = sql.charAt(at++);
                if (c == '\\' && escapes) {
                    at++;
                } else if (c == '\'') {
                    if (at < sql.length() && sql.charAt(at) == '\'') {
                        at++;
                    } else {
                        break;
                    }
                }
            }
            text.append('?');
        }

        private void dollarQuoted() {
            int end = sql.indexOf('$', at + 1);
            String tag = end < 0 ? "" : sql.substring(at, end + 1);
            if (end < 0 || !tag.substring(1, tag.length() - 1).chars().allMatch(c -> isWordPart((char) c))) {
                text.append('$');
                at++;
                return;
            }
            at = end + 1;
            skipTo(tag);
            text.append('?');
        }

        private void number() {
            while (at < sql.length() && (isWordPart(sql.charAt(at)) || sql.charAt(at) == '.')) {
                at++;
            }
            text.append('?');
        }

        private void space() {
            if (text.length() > 0 && text.charAt(text.length() - 1) != ' ') {
                text.append(' ');
            }
        }

        private void skipTo(String end) {
            int found = sql.indexOf(end, at);
            at = found < 0 ? sql.length() : found + end.length();
        }

        private boolean isDigit(int index) {
            return index < sql.length() && Character.isDigit(sql.charAt(index));
        }

        private static boolean isWordPart(char c) {
            return Character.isLetterOrDigit(c) || c == '_';
        }
    }
}
