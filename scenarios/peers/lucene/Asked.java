import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/** A question as it comes over the wire, and as a query. What a query cannot say exactly is left to {@link Best}. */
final class Asked {
    /** Lucene's BM25 leaves out the factor k1 + 1, which this divides constants by. */
    static final float BM25 = 2.2f;
    /** A circle is asked for a little wider: positions are rounded in the index, distances are exact in {@link Best}. */
    private static final double WIDER = 1 + 1e-6, WIDER_M = 1;

    final int limit;
    final boolean facets, scored;
    final long now, capacities;
    /** Codes of which an offer is sure to act on one, or counts less; none: no matter. */
    final long[] sure;
    final Place near, serves;
    final Query query;

    /** A place: where, how far around, which areas hold it and what lies in it. */
    static final class Place {
        final double lat, lon, km;
        final boolean point, region;
        final String[] areas, home;
        final long[] areaTokens;

        Place(Map<String, String> parts, String of) {
            String[] at = parts.getOrDefault(of, "").split(",", -1);
            point = !at[0].isEmpty();
            lat = point ? Double.parseDouble(at[0]) : 0;
            lon = point ? Double.parseDouble(at[1]) : 0;
            km = Double.parseDouble(at[2]);
            region = at[3].equals("T");
            areas = Rows.list(parts.get(of + "_areas"));
            home = Rows.list(parts.get(of + "_home"));
            areaTokens = numbers(areas);
        }
    }

    Asked(String line, double widestKm) {
        Map<String, String> parts = new HashMap<>();
        List<String> words = new ArrayList<>(), groups = new ArrayList<>();
        for (String part : line.split("\t")) {
            int equals = part.indexOf('=');
            String name = part.substring(0, equals), value = part.substring(equals + 1);
            if (name.equals("word")) words.add(value);
            else if (name.equals("any")) groups.add(value);
            else parts.put(name, value);
        }
        limit = Integer.parseInt(parts.get("limit"));
        facets = parts.containsKey("facets");
        now = Long.parseLong(parts.get("now"));
        long mask = 0;
        for (String state : Rows.list(parts.getOrDefault("capacity", ""))) mask |= 1L << Long.parseLong(state);
        capacities = mask == 0 ? -1 : mask;
        sure = numbers(Rows.list(parts.getOrDefault("sure", "")));
        near = parts.containsKey("near") ? new Place(parts, "near") : null;
        serves = parts.containsKey("serves") ? new Place(parts, "serves") : null;
        scored = !words.isEmpty();
        query = query(parts, words, groups, widestKm);
    }

    private Query query(Map<String, String> parts, List<String> words, List<String> groups, double widestKm) {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        for (String group : groups) all.add(any("codes", Rows.list(group)), Occur.FILTER);
        for (String code : Rows.list(parts.getOrDefault("all", ""))) all.add(term("codes", code), Occur.FILTER);
        if (parts.containsKey("languages")) all.add(any("languages", Rows.list(parts.get("languages"))), Occur.FILTER);
        if (parts.containsKey("remote")) all.add(term("remote", parts.get("remote")), Occur.FILTER);
        for (String word : words) all.add(word(word), Occur.MUST);
        if (near != null) all.add(near(), Occur.FILTER);
        if (serves != null) all.add(serves(widestKm), Occur.FILTER);
        BooleanQuery query = all.build();
        return query.clauses().isEmpty() ? new MatchAllDocsQuery() : query;
    }

    /** Scored as the engine scores: the word, twice in a name, half for longer words, constant for a meaning. */
    private static Query word(String word) {
        String[] parts = word.split("\\|", -1);
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        any.add(term("words", parts[0]), Occur.SHOULD);
        any.add(new BoostQuery(term("names", parts[0]), 2), Occur.SHOULD);
        if (!parts[1].isEmpty()) any.add(constant(any("words", Rows.list(parts[1])), 0.5f), Occur.SHOULD);
        for (String code : Rows.list(parts[2])) any.add(constant(term("meanings", code), 2), Occur.SHOULD);
        return any.build();
    }

    private Query near() {
        BooleanQuery.Builder here = new BooleanQuery.Builder();
        here.add(any("home", near.home), Occur.SHOULD);
        if (near.point && !near.region) here.add(circle("at", near, near.km), Occur.SHOULD);
        BooleanQuery.Builder served = new BooleanQuery.Builder();
        served.add(term("stated", "F"), Occur.SHOULD);
        served.add(any("areas", near.areas), Occur.SHOULD);
        if (near.point) served.add(term("radius", "T"), Occur.SHOULD);
        BooleanQuery.Builder placed = new BooleanQuery.Builder();
        placed.add(here.build(), Occur.FILTER);
        placed.add(served.build(), Occur.FILTER);
        BooleanQuery.Builder far = new BooleanQuery.Builder();
        far.add(any("areas", near.areas), Occur.FILTER);
        far.add(term("far", "T"), Occur.FILTER);
        return new BooleanQuery.Builder().add(placed.build(), Occur.SHOULD).add(far.build(), Occur.SHOULD).build();
    }

    private Query serves(double widestKm) {
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        any.add(any("areas", serves.areas), Occur.SHOULD);
        if (serves.point) any.add(circle("around", serves, widestKm), Occur.SHOULD);
        return any.build();
    }

    private static Query circle(String field, Place place, double km) {
        return LatLonPoint.newDistanceQuery(field, place.lat, place.lon, km * 1000 * WIDER + WIDER_M);
    }

    private static Query constant(Query query, float score) {
        return new BoostQuery(new ConstantScoreQuery(query), score / BM25);
    }

    private static Query term(String field, String text) {
        return new TermQuery(new Term(field, text));
    }

    private static Query any(String field, String[] texts) {
        if (texts.length == 1) return term(field, texts[0]);
        List<BytesRef> terms = new ArrayList<>();
        for (String text : texts) terms.add(new BytesRef(text));
        return new TermInSetQuery(field, terms);
    }

    private static long[] numbers(String[] tokens) {
        long[] numbers = new long[tokens.length];
        for (int at = 0; at < tokens.length; at++) numbers[at] = Long.parseLong(tokens[at]);
        return numbers;
    }
}
