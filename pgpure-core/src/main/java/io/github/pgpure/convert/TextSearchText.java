package io.github.pgpure.convert;

/**
 * The text of tsvector and tsquery, made of their binary representations; see
 * <a href="https://www.postgresql.org/docs/current/datatype-textsearch.html">Text Search Types</a>.
 *
 * <pre>
 *   tsvector:  int32 lexemes, each  text | 0 | int16 positions, each  weight (2 bits) | position (14 bits)
 *   tsquery:   int32 items, each    1 | weights (4 bits) | prefix | text | 0
 *                             or    2 | operator | int16 distance, of a phrase only
 * </pre>
 *
 * <p>An operator stands before its right operand and this before the left one.
 */
final class TextSearchText {

    private static final String WEIGHTS = "DCBA";

    private static final int OPERAND = 1;
    private static final int NOT = 1;
    private static final int AND = 2;
    private static final int OR = 3;
    private static final int PHRASE = 4;

    /** How tightly each operator binds, by its number. */
    private static final int[] PRIORITIES = {0, 4, 2, 1, 3};

    /** The nesting comes from the server, and each level takes stack. */
    private static final int MAX_DEPTH = 1000;

    private final byte[] bytes;
    private final int end;
    private int at;

    private TextSearchText(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.at = offset;
        this.end = offset + length;
    }

    static String vector(byte[] bytes, int offset, int length) {
        return new TextSearchText(bytes, offset, length).vector();
    }

    static String query(byte[] bytes, int offset, int length) {
        TextSearchText query = new TextSearchText(bytes, offset, length);
        return query.int32() == 0 ? "" : query.item(0, false, 0);
    }

    private String vector() {
        StringBuilder text = new StringBuilder();
        for (int lexemes = int32(); lexemes > 0; lexemes--) {
            text.append(text.isEmpty() ? "" : " ");
            quoted(text);
            int positions = int16();
            for (int i = 0; i < positions; i++) {
                int position = int16();
                text.append(i == 0 ? ':' : ',').append(position & 0x3FFF);
                if (position >>> 14 != 0) {
                    text.append(WEIGHTS.charAt(position >>> 14));
                }
            }
        }
        return text.toString();
    }

    private String item(int parentPriority, boolean rightOfPhrase, int depth) {
        if (depth == MAX_DEPTH) {
            throw new ValueException("more than " + MAX_DEPTH + " operators are nested in it");
        }
        if (int8() == OPERAND) {
            return operand();
        }
        int operator = int8();
        if (operator < NOT || operator > PHRASE) {
            throw new ValueException("it has an operator that is not known");
        }
        int priority = PRIORITIES[operator];
        String text;
        boolean parentheses = priority < parentPriority;
        if (operator == NOT) {
            text = "!" + item(priority, false, depth + 1);
        } else {
            int distance = operator == PHRASE ? int16() : 0;
            String right = item(priority, operator == PHRASE, depth + 1);
            String left = item(priority, false, depth + 1);
            text = left + " " + symbol(operator, distance) + " " + right;
            // The distance counts from the end of the left operand, so that phrases are not associative.
            parentheses |= operator == PHRASE && rightOfPhrase;
        }
        return parentheses ? "( " + text + " )" : text;
    }

    private static String symbol(int operator, int distance) {
        switch (operator) {
            case AND:
                return "&";
            case OR:
                return "|";
            default:
                return distance == 1 ? "<->" : "<" + distance + ">";
        }
    }

    private String operand() {
        int weights = int8();
        boolean prefix = int8() != 0;
        StringBuilder text = new StringBuilder();
        quoted(text);
        if (weights != 0 || prefix) {
            text.append(prefix ? ":*" : ":");
            for (int weight = 3; weight >= 0; weight--) {
                if ((weights & 1 << weight) != 0) {
                    text.append(WEIGHTS.charAt(weight));
                }
            }
        }
        return text.toString();
    }

    private void quoted(StringBuilder text) {
        int start = at;
        while (need(1) && bytes[at] != 0) {
            at++;
        }
        String lexeme = Bytes.getString(bytes, start, at - start);
        at++;
        text.append('\'')
                .append(lexeme.replace("\\", "\\\\").replace("'", "''"))
                .append('\'');
    }

    private int int8() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    private int int16() {
        need(2);
        at += 2;
        return Bytes.getShort(bytes, at - 2) & 0xFFFF;
    }

    private int int32() {
        need(4);
        at += 4;
        return Bytes.getInt(bytes, at - 4);
    }

    private boolean need(int count) {
        if (end - at < count) {
            throw new ValueException("it is shorter than it says");
        }
        return true;
    }
}
