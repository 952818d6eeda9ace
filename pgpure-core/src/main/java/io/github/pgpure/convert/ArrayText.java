package io.github.pgpure.convert;

import io.github.pgpure.protocol.Format;
import java.util.Arrays;

/**
 * Reads an array's text, for one text: {@code {1,NULL,"a \"b\""}}, {@code {{1,2},{3,4}}}, {@code [2:3]={1,2}}
 * (<a href="https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO">manual</a>).
 */
final class ArrayText {

    private final byte[] text;
    private final int end;
    private final char delimiter;
    private final byte[] plain;
    private final Slices elements;
    private final int[] sizes = new int[ArrayData.MAX_DIMENSIONS];
    private int at;
    private int written;
    private int leafDepth = -1;

    private ArrayText(byte[] text, int offset, int length, char delimiter) {
        this.text = text;
        this.at = offset;
        this.end = offset + length;
        this.delimiter = delimiter;
        this.plain = new byte[length];
        this.elements = new Slices(Format.TEXT, plain);
        Arrays.fill(sizes, -1);
    }

    static ArrayData read(byte[] text, int offset, int length, char delimiter) {
        return new ArrayText(text, offset, length, delimiter).read();
    }

    private ArrayData read() {
        int[] lowerBounds = new int[ArrayData.MAX_DIMENSIONS];
        Arrays.fill(lowerBounds, 1);
        int bounds = 0;
        while (peek() == '[') {
            at++;
            if (bounds == ArrayData.MAX_DIMENSIONS) {
                throw malformed();
            }
            lowerBounds[bounds++] = bound(':');
            bound(']');
        }
        if (bounds > 0) {
            expect('=');
        }
        level(0);
        if (at != end) {
            throw malformed();
        }
        int dimensions = leafDepth + 1;
        if (bounds > 0 && bounds != dimensions) {
            throw malformed();
        }
        return new ArrayData(Arrays.copyOf(sizes, dimensions), Arrays.copyOf(lowerBounds, dimensions), elements);
    }

    private int bound(char terminator) {
        int start = at;
        while (peek() != terminator) {
            at++;
        }
        long bound = Bytes.parseLong(text, start, at - start);
        at++;
        return Math.toIntExact(bound);
    }

    private void level(int depth) {
        if (depth == ArrayData.MAX_DIMENSIONS) {
            throw malformed();
        }
        expect('{');
        if (peek() == '}') {
            at++;
            if (depth > 0 || elements.size > 0) {
                throw malformed();
            }
            return;
        }
        int count = 0;
        while (true) {
            if (peek() == '{') {
                level(depth + 1);
            } else {
                if (leafDepth < 0) {
                    leafDepth = depth;
                } else if (leafDepth != depth) {
                    throw malformed();
                }
                element();
            }
            count++;
            int next = peek();
            at++;
            if (next == '}') {
                break;
            } else if (next != delimiter) {
                throw malformed();
            }
        }
        if (sizes[depth] >= 0 && sizes[depth] != count) {
            throw malformed();
        }
        sizes[depth] = count;
    }

    private void element() {
        int start = written;
        boolean quoted = peek() == '"';
        boolean escaped = false;
        if (quoted) {
            at++;
        }
        while (true) {
            int c = peek();
            if (quoted ? c == '"' : c == delimiter || c == '}') {
                break;
            }
            if (c == '\\') {
                at++;
                peek();
                escaped = true;
            }
            plain[written++] = text[at++];
        }
        if (quoted) {
            at++;
        }
        if (!quoted && !escaped && isNull(start)) {
            elements.addNull();
        } else {
            elements.add(start, written - start);
        }
    }

    private boolean isNull(int start) {
        return written - start == 4
                && (plain[start] | 32) == 'n'
                && (plain[start + 1] | 32) == 'u'
                && (plain[start + 2] | 32) == 'l'
                && (plain[start + 3] | 32) == 'l';
    }

    private int peek() {
        if (at >= end) {
            throw malformed();
        }
        return text[at];
    }

    private void expect(char c) {
        if (peek() != c) {
            throw malformed();
        }
        at++;
    }

    private static ValueException malformed() {
        return new ValueException("its text is not that of an array");
    }

    /** Writes an element's text as the server does. */
    static void append(StringBuilder out, String element, char delimiter) {
        if (!needsQuotes(element, delimiter)) {
            out.append(element);
            return;
        }
        out.append('"');
        for (int i = 0; i < element.length(); i++) {
            char c = element.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        out.append('"');
    }

    private static boolean needsQuotes(String element, char delimiter) {
        if (element.isEmpty() || element.equalsIgnoreCase("NULL")) {
            return true;
        }
        for (int i = 0; i < element.length(); i++) {
            char c = element.charAt(i);
            if (c == delimiter || c == '{' || c == '}' || c == '"' || c == '\\' || c == ' ' || c >= '\t' && c <= '\r') {
                return true;
            }
        }
        return false;
    }
}
