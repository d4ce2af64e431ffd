//! Where plotters draws: a list of marks, kept at twenty units to the pixel.
//!
//! plotters' own backends round every coordinate to a pixel, in SVG too, and a curve wobbles; it also estimates the size of
//! text instead of measuring it. This backend keeps a twentieth of a pixel and measures with the font that is drawn.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::font::{self, Weight};

/// Units of the canvas to the pixel of the picture.
pub(super) const UNITS: i32 = 20;

/// A length in pixels of the picture, in units of the canvas.
pub(super) fn px(pixels: f64) -> i32 {
    (pixels * f64::from(UNITS)).round() as i32
}

/// A colour with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paint {
    pub(super) rgb: (u8, u8, u8),
    pub(super) opacity: f64,
}

impl From<BackendColor> for Paint {
    fn from(color: BackendColor) -> Self {
        Self { rgb: color.rgb, opacity: color.alpha }
    }
}

/// The line that a shape is drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) paint: Paint,
    pub(super) width: u32,
    /// Lengths of dash and gap.
    pub(super) dash: Option<(u32, u32)>,
}

/// Filled or outlined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Surface {
    Fill(Paint),
    Outline(Stroke),
}

/// A text, anchored at a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) text: String,
    pub(super) at: BackendCoord,
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) paint: Paint,
    pub(super) horizontal: Horizontal,
    pub(super) vertical: Vertical,
    /// Clockwise, in degrees.
    pub(super) rotation: u16,
}

/// Which part of the text is at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Horizontal {
    Start,
    Middle,
    End,
}

/// Which part of the text is at its point: the top of its capitals, their middle, or the base line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vertical {
    Top,
    Middle,
    Base,
}

/// One thing drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Path {
        points: Vec<BackendCoord>,
        stroke: Stroke,
    },
    Area {
        points: Vec<BackendCoord>,
        paint: Paint,
    },
    Rectangle {
        corner: BackendCoord,
        size: (i32, i32),
        surface: Surface,
    },
    Circle {
        centre: BackendCoord,
        radius: u32,
        surface: Surface,
    },
    Text(Label),
    /// What follows, to its end, carries a text of its own: the hover text of a browser.
    Begin {
        /// What it is.
        title: String,
        /// The well that it is, if it is one.
        well: String,
    },
    End,
}

/// Everything drawn so far.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    pub(super) size: (u32, u32),
    pub(super) marks: Vec<Mark>,
    dash: Option<(u32, u32)>,
}

/// A shared hand on the canvas: plotters holds one as its backend, the figure another.
#[derive(Debug, Clone)]
pub(super) struct Pen(Rc<RefCell<Canvas>>);

impl Pen {
    /// A pen on an empty canvas of that many pixels.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let size = (width * UNITS as u32, height * UNITS as u32);
        Self(Rc::new(RefCell::new(Canvas { size, ..Canvas::default() })))
    }

    /// Lines that are drawn from now on are dashed so, in pixels; `None`: solid.
    pub(super) fn dash(&self, dash: Option<(f64, f64)>) {
        self.0.borrow_mut().dash = dash.map(|(on, off)| (px(on) as u32, px(off) as u32));
    }

    /// What is drawn from now until [`Pen::end`] is one thing, with a text of its own.
    pub(super) fn begin(&self, title: &str) {
        self.begin_well(title, "");
    }

    /// The same of a well: a page finds it by its name.
    pub(super) fn begin_well(&self, title: &str, well: &str) {
        self.0.borrow_mut().marks.push(Mark::Begin { title: title.to_string(), well: well.to_string() });
    }

    /// Ends what was begun.
    pub(super) fn end(&self) {
        self.0.borrow_mut().marks.push(Mark::End);
    }

    /// Takes what was drawn.
    pub(super) fn take(&self) -> Canvas {
        self.0.take()
    }

    fn push(&self, mark: Mark) {
        self.0.borrow_mut().marks.push(mark);
    }

    fn stroke<S: BackendStyle>(&self, style: &S) -> Stroke {
        Stroke { paint: style.color().into(), width: style.stroke_width(), dash: self.0.borrow().dash }
    }

    fn surface<S: BackendStyle>(&self, style: &S, fill: bool) -> Surface {
        if fill { Surface::Fill(style.color().into()) } else { Surface::Outline(self.stroke(style)) }
    }
}

/// Width of a text in units of the canvas.
pub(super) fn text_width(text: &str, size: f64, weight: Weight) -> f64 {
    f64::from(font::lay_out(text, weight).width) * size / f64::from(font::EM)
}

fn weight_of<T: BackendTextStyle>(style: &T) -> Weight {
    if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular }
}

type CanvasResult = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Pen {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.0.borrow().size
    }

    fn ensure_prepared(&mut self) -> CanvasResult {
        Ok(())
    }

    fn present(&mut self) -> CanvasResult {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> CanvasResult {
        self.push(Mark::Rectangle { corner: point, size: (1, 1), surface: Surface::Fill(color.into()) });
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> CanvasResult {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> CanvasResult {
        let corner = (from.0.min(to.0), from.1.min(to.1));
        let size = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
        self.push(Mark::Rectangle { corner, size, surface: self.surface(style, fill) });
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> CanvasResult {
        self.push(Mark::Path { points: path.into_iter().collect(), stroke: self.stroke(style) });
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> CanvasResult {
        self.push(Mark::Circle { centre, radius, surface: self.surface(style, fill) });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        points: I,
        style: &S,
    ) -> CanvasResult {
        self.push(Mark::Area { points: points.into_iter().collect(), paint: style.color().into() });
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> CanvasResult {
        if text.is_empty() {
            return Ok(());
        }
        let anchor = style.anchor();
        self.push(Mark::Text(Label {
            text: text.to_string(),
            at,
            size: style.size(),
            weight: weight_of(style),
            paint: style.color().into(),
            horizontal: match anchor.h_pos {
                HPos::Left => Horizontal::Start,
                HPos::Center => Horizontal::Middle,
                HPos::Right => Horizontal::End,
            },
            vertical: match anchor.v_pos {
                VPos::Top => Vertical::Top,
                VPos::Center => Vertical::Middle,
                VPos::Bottom => Vertical::Base,
            },
            rotation: match style.transform() {
                FontTransform::None => 0,
                FontTransform::Rotate90 => 90,
                FontTransform::Rotate180 => 180,
                FontTransform::Rotate270 => 270,
            },
        }));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size();
        let height = size * f64::from(font::CAPITAL) / f64::from(font::EM);
        Ok((text_width(text, size, weight_of(style)).ceil() as u32, height.ceil() as u32))
    }
}
