//! Writes the sheets of the map as SVG files, to look at: `draw_map FOLDER MD TX`.

use std::fmt::Write;
use std::path::Path;

use referral_core::geo::StateCode;
use referral_gazetteer::Sheet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder")?;
    let folder = Path::new(&folder);
    write(folder, "national", Sheet::national())?;
    for state in arguments {
        let sheet = Sheet::state(StateCode::parse(&state)?).ok_or("no such state")?;
        write(folder, &state, &sheet)?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, sheet: &Sheet) -> Result<(), Box<dyn std::error::Error>> {
    let colours = ["#e3eef9", "#b3d3ec", "#72b0dc", "#2f7fbd", "#0b4a86"];
    let mut svg = String::new();
    let (width, height) = (sheet.width, sheet.height);
    write!(
        svg,
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
    )?;
    for (shape, colour) in sheet.shapes.iter().zip(colours.iter().cycle()) {
        let path = &shape.path;
        write!(
            svg,
            "<path fill='{colour}' stroke='#fff' stroke-width='.5' fill-rule='evenodd' d='{path}'/>"
        )?;
    }
    write!(
        svg,
        "<path fill='none' stroke='#333' d='{}'/>",
        sheet.state_lines
    )?;
    for caption in &sheet.captions {
        let (x, y, text) = (caption.x, caption.y, &caption.text);
        write!(
            svg,
            "<text x='{x}' y='{y}' font-size='13' text-anchor='middle'>{text}</text>"
        )?;
    }
    svg.push_str("</svg>");
    std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    Ok(())
}
