import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.store.Directory;

/** Writes the rows of a file into an index of one segment: one document an offer, those of a service together. */
final class Rows {
    /** Flags of an offer, one bit each. */
    static final long FAR = 1, REMOTE = 2, STATED = 4, PLACED = 8, RADIUS = 16;
    /** Stands for a time of observation that there is not. */
    static final long NEVER = Long.MIN_VALUE;

    /** Words: how often is kept, where is not. */
    private static final FieldType WORDS = new FieldType();

    static {
        WORDS.setTokenized(true);
        WORDS.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
        WORDS.freeze();
    }

    static IndexWriterConfig config() {
        IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer());
        // Merges neighbours only: the offers of a service stay together, those of an organization too.
        config.setMergePolicy(new LogDocMergePolicy());
        config.setRAMBufferSizeMB(256);
        return config;
    }

    static void write(Directory directory, Path rows) throws IOException {
        try (IndexWriter writer = new IndexWriter(directory, config());
                BufferedReader lines = Files.newBufferedReader(rows)) {
            Map<String, Integer> column = new HashMap<>();
            String[] names = lines.readLine().split("\t", -1);
            for (int at = 0; at < names.length; at++) column.put(names[at], at);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] cells = line.split("\t", -1);
                writer.addDocument(document(name -> cells[column.get(name)]));
            }
            writer.forceMerge(1);
        }
    }

    private interface Row {
        String get(String name);
    }

    private static Document document(Row row) {
        Document document = new Document();
        String service = row.get("service");
        document.add(new StringField("id", service, Field.Store.NO));
        number(document, "service", Long.parseLong(service));
        number(document, "turn", Long.parseLong(row.get("turn")));
        long flags = flag(document, row, "far", FAR) | flag(document, row, "remote", REMOTE)
                | flag(document, row, "stated", STATED);
        if (!row.get("lat").isEmpty()) {
            double lat = Double.parseDouble(row.get("lat")), lon = Double.parseDouble(row.get("lon"));
            document.add(new LatLonPoint("at", lat, lon));
            number(document, "lat", Double.doubleToRawLongBits(lat));
            number(document, "lon", Double.doubleToRawLongBits(lon));
            flags |= PLACED;
        }
        if (!row.get("area_km").isEmpty()) {
            double km = Double.parseDouble(row.get("area_km"));
            document.add(new StringField("radius", "T", Field.Store.NO));
            document.add(new LatLonPoint("around", Double.parseDouble(row.get("lat")), Double.parseDouble(row.get("lon"))));
            number(document, "area_km", Double.doubleToRawLongBits(km));
            flags |= RADIUS;
        }
        number(document, "flags", flags);
        number(document, "capacity", Long.parseLong(row.get("capacity")));
        number(document, "worth", Double.doubleToRawLongBits(Double.parseDouble(row.get("worth"))));
        String observed = row.get("observed_at");
        number(document, "observed_at", observed.isEmpty() ? NEVER : Long.parseLong(observed));
        number(document, "ttl", Long.parseLong(row.get("ttl")));
        terms(document, "codes", row.get("codes"), false);
        for (String code : list(row.get("sure"))) {
            document.add(new SortedNumericDocValuesField("sure", Long.parseLong(code)));
        }
        terms(document, "meanings", row.get("meanings"), false);
        terms(document, "languages", row.get("languages"), false);
        terms(document, "areas", row.get("areas"), true);
        terms(document, "home", row.get("home"), false);
        for (String facet : list(row.get("facets"))) {
            document.add(new SortedNumericDocValuesField("facets", Long.parseLong(facet)));
        }
        document.add(new Field("names", row.get("names"), WORDS));
        document.add(new Field("words", row.get("words"), WORDS));
        return document;
    }

    private static long flag(Document document, Row row, String name, long bit) {
        boolean set = row.get(name).equals("true");
        document.add(new StringField(name, set ? "T" : "F", Field.Store.NO));
        return set ? bit : 0;
    }

    private static void number(Document document, String name, long value) {
        document.add(new NumericDocValuesField(name, value));
    }

    private static void terms(Document document, String name, String cell, boolean readable) {
        for (String token : list(cell)) {
            document.add(new StringField(name, token, Field.Store.NO));
            if (readable) document.add(new SortedNumericDocValuesField(name + "_read", Long.parseLong(token)));
        }
    }

    static String[] list(String cell) {
        return cell.isEmpty() ? new String[0] : cell.split(",");
    }

    private Rows() {}
}
