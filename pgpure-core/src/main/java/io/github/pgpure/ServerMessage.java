package io.github.pgpure;

import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an error or a notice from the server
 * (<a href="https://www.postgresql.org/docs/current/protocol-error-fields.html">manual</a>).
 *
 * <p>{@link #toString()} leaves out those that can hold data of the application ({@link #detail()}, {@link #where()},
 * {@link #internalQuery()}).
 *
 * @param fields the fields by their code; unknown codes are kept
 */
public record ServerMessage(Map<Character, String> fields) implements Serializable {

    public ServerMessage {
        fields = Map.copyOf(fields);
    }

    /** {@code ERROR}, {@code FATAL}, {@code PANIC}, {@code WARNING}, {@code NOTICE} …, never translated. */
    public String severity() {
        String severity = fields.get('V');
        return severity != null ? severity : fields.getOrDefault('S', "ERROR");
    }

    /** The five characters of the SQLSTATE; {@code XX000} where the server gave none. */
    public String sqlState() {
        return fields.getOrDefault('C', SqlState.INTERNAL_ERROR);
    }

    /** The primary message, in the server's language. */
    public String message() {
        return fields.getOrDefault('M', "");
    }

    /** More about the problem; may hold data of the application. */
    public @Nullable String detail() {
        return fields.get('D');
    }

    /** What could be done about it. */
    public @Nullable String hint() {
        return fields.get('H');
    }

    /** Where in the statement, in characters counted from 1; 0 where unknown. */
    public int position() {
        return number('P');
    }

    /** Where in {@link #internalQuery()}, in characters counted from 1; 0 where unknown. */
    public int internalPosition() {
        return number('p');
    }

    /** The text of an internally generated command, such as one of a PL/pgSQL function. */
    public @Nullable String internalQuery() {
        return fields.get('q');
    }

    /** The context: a call stack of functions; may hold data of the application. */
    public @Nullable String where() {
        return fields.get('W');
    }

    public @Nullable String schema() {
        return fields.get('s');
    }

    public @Nullable String table() {
        return fields.get('t');
    }

    public @Nullable String column() {
        return fields.get('c');
    }

    /** The name of the data type concerned. */
    public @Nullable String dataType() {
        return fields.get('d');
    }

    public @Nullable String constraint() {
        return fields.get('n');
    }

    /** Whether the severity ends the session: {@code FATAL} or {@code PANIC}. */
    public boolean isFatal() {
        return severity().equals("FATAL") || severity().equals("PANIC");
    }

    @Override
    public String toString() {
        var text = new StringBuilder(severity())
                .append(' ')
                .append(sqlState())
                .append(": ")
                .append(message());
        if (position() > 0) {
            text.append(" (at character ").append(position()).append(')');
        }
        if (hint() != null) {
            text.append(". Hint: ").append(hint());
        }
        return text.toString();
    }

    private int number(char code) {
        String text = fields.get(code);
        if (text == null) {
            return 0;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return 0; // untrusted server text: a position that is no number is no position
        }
    }
}
